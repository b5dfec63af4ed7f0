//! Why support staff look into an account, and for how long.

use std::net::IpAddr;

use chrono::TimeDelta;

use crate::domain::text;
use crate::domain::text::TextFault;

/// A look lasts so long, and so long again each time it is renewed.
pub const SESSION_LENGTH: TimeDelta = TimeDelta::minutes(30);
/// Nobody waits longer for an owner's answer; then it has to be asked for again.
pub const ANSWER_WITHIN: TimeDelta = TimeDelta::hours(24);

const TICKET_LENGTH_MAX: usize = 100;
pub const NOTE_LENGTH_MAX: usize = 500;

/// What a look is for, as it is chosen from a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    CustomerAsked,
    Refusals,
    Billing,
    Leak,
    Incident,
    Other,
}

impl Reason {
    pub const ALL: [Self; 6] = [
        Self::CustomerAsked,
        Self::Refusals,
        Self::Billing,
        Self::Leak,
        Self::Incident,
        Self::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::CustomerAsked => "customer-asked",
            Self::Refusals => "refusals",
            Self::Billing => "billing",
            Self::Leak => "leak",
            Self::Incident => "incident",
            Self::Other => "other",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::CustomerAsked => "The customer asked",
            Self::Refusals => "Calls are refused",
            Self::Billing => "A question about plan or use",
            Self::Leak => "A key may have leaked",
            Self::Incident => "An incident of ours",
            Self::Other => "Something else",
        }
    }

    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == slug)
    }
}

/// Where somebody asked for help: "4521", or an address of the help desk.
pub fn parse_ticket(typed: &str) -> Result<String, TextFault> {
    text::line(typed, TICKET_LENGTH_MAX)
}

/// "Ticket 4521: calls are refused, Blog ingest since Monday"
pub fn in_words(ticket: &str, reason: &str, note: &str) -> String {
    let known = Reason::parse(reason);
    let words = match known {
        Some(reason) => reason.words(),
        None => reason,
    };
    if note.is_empty() {
        format!("Ticket {ticket}: {words}")
    } else {
        format!("Ticket {ticket}: {words}. {note}")
    }
}

/// How much of a caller's address is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    Nothing,
    /// The network that it is of.
    Masked,
    Whole,
}

impl Sight {
    /// Those who have the right see all of it.
    pub fn of_right(may: bool) -> Self {
        if may { Self::Whole } else { Self::Nothing }
    }

    pub fn shows_anything(self) -> bool {
        self != Self::Nothing
    }

    pub fn shown(self, ip: IpAddr) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Masked => Some(masked(ip)),
            Self::Whole => Some(ip.to_string()),
        }
    }
}

/// `203.0.113.x`, `2001:db8:85a3:x`: the network tells a customer which of their programs it was,
/// the rest may tell which person.
pub fn masked(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.x")
        }
        IpAddr::V6(ip) => {
            if let Some(ip) = ip.to_ipv4_mapped() {
                return masked(IpAddr::V4(ip));
            }
            let [a, b, c, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:x")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_masked_address_the_network_is_left() {
        for (ip, shown) in [
            ("203.0.113.9", "203.0.113.x"),
            ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:db8:85a3:x"),
            ("::1", "0:0:0:x"),
            ("::ffff:203.0.113.9", "203.0.113.x"),
        ] {
            let ip = ip.parse().unwrap();
            assert_eq!(Sight::Masked.shown(ip).as_deref(), Some(shown));
            assert_eq!(Sight::Nothing.shown(ip), None);
            assert_eq!(Sight::Whole.shown(ip), Some(ip.to_string()));
        }
    }

    #[test]
    fn ticket_and_reason_make_one_sentence() {
        assert_eq!(
            in_words("4521", "leak", ""),
            "Ticket 4521: A key may have leaked"
        );
        assert_eq!(
            in_words("4521", "other", "Blog ingest"),
            "Ticket 4521: Something else. Blog ingest"
        );
    }

    #[test]
    fn every_reason_reads_back() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
        }
    }
}
