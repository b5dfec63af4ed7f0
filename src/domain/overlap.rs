//! How long an old secret goes on working beside the new one: the choices of the rotate form.
//!
//! Whatever is chosen, no secret outlives its key.

use chrono::DateTime;
use chrono::Days;
use chrono::NaiveDate;
use chrono::NaiveTime;
use chrono::TimeDelta;
use chrono::Utc;

/// An old secret may be kept for this long at most; who needs it longer needs a second key.
const DATE_DAYS_MAX: u64 = 366;

/// An old secret that nobody has called with for this long is not needed any more.
pub const QUIET: TimeDelta = TimeDelta::minutes(60);

/// What the end of an overlap is put off by, once.
const EXTENSION: TimeDelta = TimeDelta::days(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// The old secret ends with the rotation.
    Now,
    QuarterHour,
    Hour,
    Day,
    Week,
    /// To the end of this day, UTC.
    On(NaiveDate),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverlapFault {
    #[error("Choose when the old secret ends.")]
    Unknown,
    #[error("Enter a date, like 2027-03-31.")]
    NoDate,
    #[error("Choose a date that is not over yet.")]
    Past,
    #[error("Choose a date within the next {DATE_DAYS_MAX} days.")]
    TooFar,
    #[error("Choose a date up to {0}, when the key itself expires.")]
    AfterExpiry(NaiveDate),
}

impl Overlap {
    /// The choices with a fixed length, in the order of the form.
    pub const PRESETS: [(&'static str, &'static str, Self); 5] = [
        ("now", "Now", Self::Now),
        ("15m", "15 minutes", Self::QuarterHour),
        ("1h", "1 hour", Self::Hour),
        ("24h", "24 hours", Self::Day),
        ("7d", "7 days", Self::Week),
    ];

    /// `choice` is one of `now 15m 1h 24h 7d on`; `on` reads `date` as `YYYY-MM-DD`.
    pub fn parse(
        choice: &str,
        date: &str,
        (now, expires_at): (DateTime<Utc>, Option<DateTime<Utc>>),
    ) -> Result<Self, OverlapFault> {
        if let Some((_, _, preset)) = Self::PRESETS.iter().find(|(slug, _, _)| *slug == choice) {
            return Ok(*preset);
        }
        if choice != "on" {
            return Err(OverlapFault::Unknown);
        }
        let date =
            NaiveDate::parse_from_str(date.trim(), "%Y-%m-%d").map_err(|_| OverlapFault::NoDate)?;
        let today = now.date_naive();
        if date < today {
            return Err(OverlapFault::Past);
        }
        match expires_at.map(|at| at.date_naive()) {
            Some(last) if date > last => return Err(OverlapFault::AfterExpiry(last)),
            _ => {}
        }
        match today.checked_add_days(Days::new(DATE_DAYS_MAX)) {
            Some(latest) if date <= latest => Ok(Self::On(date)),
            _ => Err(OverlapFault::TooFar),
        }
    }

    /// The moment from which the old secret of a key that is rotated at `now` is refused: never
    /// before `now`, never after the key's own end.
    pub fn ends_at(self, now: DateTime<Utc>, expires_at: Option<DateTime<Utc>>) -> DateTime<Utc> {
        let wanted = match self {
            Self::Now => Some(now),
            Self::QuarterHour => now.checked_add_signed(TimeDelta::minutes(15)),
            Self::Hour => now.checked_add_signed(TimeDelta::hours(1)),
            Self::Day => now.checked_add_signed(TimeDelta::days(1)),
            Self::Week => now.checked_add_signed(TimeDelta::days(7)),
            Self::On(date) => date
                .checked_add_days(Days::new(1))
                .map(|next| next.and_time(NaiveTime::MIN).and_utc()),
        };
        within(wanted.unwrap_or(now).max(now), expires_at)
    }
}

/// When an overlap that ends at `ends_at` ends once it is extended. `None` if that is no later,
/// because the key itself ends before.
pub fn extended(
    ends_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let later = within(ends_at.checked_add_signed(EXTENSION)?, expires_at);
    (later > ends_at).then_some(later)
}

fn within(wanted: DateTime<Utc>, expires_at: Option<DateTime<Utc>>) -> DateTime<Utc> {
    expires_at.map_or(wanted, |expires_at| wanted.min(expires_at))
}

#[cfg(test)]
mod tests;
