//! How long a connection may be silent before the kernel gives it up. Without these a client whose
//! server is cut off waits for many minutes, and its pool with it.

use std::time::Duration;

/// How long to wait for a connection, and on one.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a free connection of the pool.
    pub pool_wait: Duration,
    /// Of a server that acknowledges nothing. Whole seconds.
    pub silence: Duration,
}

/// A server that is asked whether it lives says so after one of this many questions.
const PROBES: u64 = 2;

impl Patience {
    /// `url` with libpq's parameters for this; those that it sets itself stay.
    pub fn applied_to(&self, url: &str) -> String {
        let second = (self.silence.as_secs() / (PROBES + 1)).max(1);
        let parameters = [
            ("connect_timeout", self.silence.as_secs()),
            ("tcp_user_timeout", self.silence.as_secs() * 1_000),
            ("keepalives_idle", second),
            ("keepalives_interval", second),
            ("keepalives_count", PROBES),
        ];
        let is_url = url.contains("://");
        let mut url = url.to_owned();
        for (name, value) in parameters {
            if url.contains(name) {
                continue;
            }
            let separator = match (is_url, url.contains('?')) {
                (false, _) => ' ',
                (true, false) => '?',
                (true, true) => '&',
            };
            url.extend([separator]);
            url.extend([name, "=", &value.to_string()]);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_SECONDS: Patience = Patience {
        pool_wait: Duration::from_secs(1),
        silence: Duration::from_secs(2),
    };

    #[test]
    fn both_ways_to_write_an_address_get_the_parameters() {
        let rest =
            "tcp_user_timeout=2000&keepalives_idle=1&keepalives_interval=1&keepalives_count=2";
        for (given, expected) in [
            (
                "postgres://u@db/latchkey",
                format!("postgres://u@db/latchkey?connect_timeout=2&{rest}"),
            ),
            (
                "postgres://u@db/latchkey?connect_timeout=9",
                format!("postgres://u@db/latchkey?connect_timeout=9&{rest}"),
            ),
            (
                "host=db user=u",
                format!(
                    "host=db user=u connect_timeout=2 {}",
                    rest.replace('&', " ")
                ),
            ),
        ] {
            assert_eq!(TWO_SECONDS.applied_to(given), expected);
        }
    }
}
