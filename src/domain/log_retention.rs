//! For how long a log's rows are kept.

use chrono::DateTime;
use chrono::Days;
use chrono::NaiveDate;
use chrono::NaiveTime;
use chrono::Utc;

/// Whole UTC days before today's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptDays(u16);

impl KeptDays {
    /// As the installation keeps all logs.
    pub const fn of_installation(days: u16) -> Self {
        Self(days)
    }

    /// Of an account, which may keep them shorter than the installation does, and never longer.
    #[must_use]
    pub fn of_account(self, days: Option<u16>) -> Self {
        Self(days.map_or(self.0, |days| days.min(self.0)))
    }

    pub fn days(self) -> u16 {
        self.0
    }

    /// The first day whose rows are kept.
    pub fn first_day(self, today: NaiveDate) -> NaiveDate {
        let days = Days::new(u64::from(self.0));
        today.checked_sub_days(days).unwrap_or(NaiveDate::MIN)
    }

    /// Older rows are no longer shown.
    pub fn since(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let first = self.first_day(now.date_naive());
        first.and_time(NaiveTime::MIN).and_utc()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_keeps_its_log_no_longer_than_the_installation() {
        let all = KeptDays::of_installation(90);
        let days = |days| all.of_account(days).days();
        assert_eq!((days(None), days(Some(30)), days(Some(365))), (90, 30, 90));
    }

    #[test]
    fn whole_days_are_kept() {
        let now: DateTime<Utc> = "2026-11-21T09:41:00Z".parse().unwrap();
        let since = KeptDays::of_installation(1).since(now);
        assert_eq!(since.to_rfc3339(), "2026-11-20T00:00:00+00:00");
    }
}
