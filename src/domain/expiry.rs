//! How long a new key lives: the choices of the create form.

use chrono::DateTime;
use chrono::Days;
use chrono::Months;
use chrono::NaiveDate;
use chrono::NaiveTime;
use chrono::TimeDelta;
use chrono::Utc;

/// A key may be made to last this long at most, other than for ever; a typo in the year is
/// likelier than a wish for more.
const CUSTOM_YEARS_MAX: u32 = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    Hour,
    Day,
    Week,
    Month,
    NinetyDays,
    Year,
    Never,
    /// To the end of this day, UTC.
    On(NaiveDate),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryFault {
    #[error("Choose when the key expires.")]
    Unknown,
    #[error("Enter a date, like 2027-03-31.")]
    NoDate,
    #[error("Choose a date that is not over yet.")]
    Past,
    #[error("Choose a date within the next {CUSTOM_YEARS_MAX} years, or Never.")]
    TooFar,
}

impl Expiry {
    /// The choices with a fixed length, in the order of the form.
    pub const PRESETS: [(&'static str, &'static str, Self); 6] = [
        ("1h", "1 hour", Self::Hour),
        ("1d", "1 day", Self::Day),
        ("1w", "1 week", Self::Week),
        ("1m", "1 month", Self::Month),
        ("90d", "90 days", Self::NinetyDays),
        ("1y", "1 year", Self::Year),
    ];

    /// `choice` is one of `1h 1d 1w 1m 90d 1y never on`; `on` reads `date` as `YYYY-MM-DD`.
    pub fn parse(choice: &str, date: &str, now: DateTime<Utc>) -> Result<Self, ExpiryFault> {
        if let Some((_, _, preset)) = Self::PRESETS.iter().find(|(slug, _, _)| *slug == choice) {
            return Ok(*preset);
        }
        match choice {
            "never" => Ok(Self::Never),
            "on" => {
                let date = NaiveDate::parse_from_str(date.trim(), "%Y-%m-%d")
                    .map_err(|_| ExpiryFault::NoDate)?;
                let expiry = Self::On(date);
                let latest = now.checked_add_months(Months::new(12 * CUSTOM_YEARS_MAX));
                match expiry.at(now) {
                    Some(at) if at <= now => Err(ExpiryFault::Past),
                    Some(at) if latest.is_some_and(|latest| at <= latest) => Ok(expiry),
                    _ => Err(ExpiryFault::TooFar),
                }
            }
            _ => Err(ExpiryFault::Unknown),
        }
    }

    /// The moment from which a key made at `now` is refused; `None` is never.
    pub fn at(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Hour => now.checked_add_signed(TimeDelta::hours(1)),
            Self::Day => now.checked_add_days(Days::new(1)),
            Self::Week => now.checked_add_days(Days::new(7)),
            Self::Month => now.checked_add_months(Months::new(1)),
            Self::NinetyDays => now.checked_add_days(Days::new(90)),
            Self::Year => now.checked_add_months(Months::new(12)),
            Self::Never => None,
            Self::On(date) => date
                .checked_add_days(Days::new(1))
                .map(|next| next.and_time(NaiveTime::MIN).and_utc()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-01-31T09:41:00Z".parse().unwrap()
    }

    fn at(choice: &str, date: &str) -> Result<Option<String>, ExpiryFault> {
        let expiry = Expiry::parse(choice, date, now())?;
        Ok(expiry
            .at(now())
            .map(|at| at.format("%Y-%m-%dT%H:%M").to_string()))
    }

    #[test]
    fn each_preset_ends_when_its_name_says() {
        for (choice, end) in [
            ("1h", "2026-01-31T10:41"),
            ("1d", "2026-02-01T09:41"),
            ("1w", "2026-02-07T09:41"),
            ("1m", "2026-02-28T09:41"),
            ("90d", "2026-05-01T09:41"),
            ("1y", "2027-01-31T09:41"),
        ] {
            assert_eq!(at(choice, ""), Ok(Some(end.to_owned())), "{choice}");
        }
        assert_eq!(at("never", ""), Ok(None));
    }

    #[test]
    fn a_date_holds_to_its_end() {
        assert_eq!(
            at("on", "2026-01-31"),
            Ok(Some("2026-02-01T00:00".to_owned()))
        );
    }

    #[test]
    fn what_is_no_choice_is_refused_with_its_cause() {
        assert_eq!(at("2w", ""), Err(ExpiryFault::Unknown));
        assert_eq!(at("on", "soon"), Err(ExpiryFault::NoDate));
        assert_eq!(at("on", "2026-01-30"), Err(ExpiryFault::Past));
        assert_eq!(at("on", "9999-12-31"), Err(ExpiryFault::TooFar));
        assert_eq!(at("on", "+262142-12-31"), Err(ExpiryFault::TooFar));
    }
}
