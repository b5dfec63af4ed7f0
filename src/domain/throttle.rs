//! How long to wait after wrong passwords.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

/// Wrong passwords for one e-mail address that cost nothing.
const FREE_FAILURES: i32 = 5;
/// The longest wait, and the time after which failures are forgotten.
pub const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(15);

/// Attempts from one network address in one minute.
const ATTEMPTS_PER_MINUTE: i32 = 30;
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// What is remembered of one e-mail address or one network address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    pub count: i32,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
}

impl Failures {
    /// One attempt more. It counts before its password is looked at, so that a hundred at once are
    /// a hundred; a right one is taken off again.
    #[must_use]
    pub fn and_another(self, now: DateTime<Utc>) -> Self {
        Self {
            count: self.count.saturating_add(1),
            last_at: now,
            ..self
        }
    }

    fn first(now: DateTime<Utc>) -> Self {
        Self {
            count: 0,
            first_at: now,
            last_at: now,
        }
    }
}

/// After five free ones each failure for an e-mail address doubles the wait, from one second to 15
/// minutes. `Err` is the wait that is left.
pub fn by_email(known: Option<Failures>, now: DateTime<Utc>) -> Result<Failures, TimeDelta> {
    let failures = known
        .filter(|failures| now - failures.last_at < FORGOTTEN_AFTER)
        .unwrap_or_else(|| Failures::first(now));
    let doublings = failures.count - FREE_FAILURES;
    if doublings >= 0 {
        let seconds = 1_i64 << doublings.min(20);
        let wait = TimeDelta::seconds(seconds).min(FORGOTTEN_AFTER);
        let free_at = failures.last_at + wait;
        if now < free_at {
            return Err(free_at - now);
        }
    }
    Ok(failures)
}

/// At most 30 attempts a minute from one network address.
pub fn by_address(known: Option<Failures>, now: DateTime<Utc>) -> Result<Failures, TimeDelta> {
    let failures = known
        .filter(|failures| now - failures.first_at < MINUTE)
        .unwrap_or_else(|| Failures::first(now));
    if failures.count >= ATTEMPTS_PER_MINUTE {
        return Err(failures.first_at + MINUTE - now);
    }
    Ok(failures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + seconds, 0).unwrap()
    }

    fn failures(count: i32, last_at: DateTime<Utc>) -> Failures {
        Failures {
            count,
            first_at: last_at,
            last_at,
        }
    }

    #[test]
    fn five_failures_are_free() {
        assert!(by_email(Some(failures(4, at(0))), at(0)).is_ok());
        assert_eq!(
            by_email(Some(failures(5, at(0))), at(0)),
            Err(TimeDelta::seconds(1))
        );
    }

    #[test]
    fn each_failure_doubles_the_wait_up_to_fifteen_minutes() {
        for (count, seconds) in [(6, 2), (7, 4), (14, 512), (15, 900), (2_000_000_000, 900)] {
            let known = Some(failures(count, at(0)));
            assert!(by_email(known, at(seconds - 1)).is_err(), "{count}");
            assert!(by_email(known, at(seconds)).is_ok(), "{count}");
        }
    }

    #[test]
    fn failures_are_forgotten_after_fifteen_minutes() {
        let again = by_email(Some(failures(40, at(0))), at(900)).unwrap();
        assert_eq!(again.count, 0);
    }

    #[test]
    fn an_address_has_thirty_attempts_a_minute() {
        assert!(by_address(Some(failures(29, at(0))), at(10)).is_ok());
        assert_eq!(
            by_address(Some(failures(30, at(0))), at(10)),
            Err(TimeDelta::seconds(50))
        );
        assert_eq!(
            by_address(Some(failures(30, at(0))), at(60)).map(|f| f.count),
            Ok(0)
        );
    }
}
