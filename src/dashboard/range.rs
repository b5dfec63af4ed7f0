//! From when to when a log is looked at.

use chrono::DateTime;
use chrono::Datelike;
use chrono::NaiveDate;
use chrono::NaiveDateTime;
use chrono::NaiveTime;
use chrono::TimeDelta;
use chrono::Utc;

/// Slug, words, length.
pub const RANGES: [(&str, &str, TimeDelta); 6] = [
    ("15m", "Last 15 minutes", TimeDelta::minutes(15)),
    ("1h", "Last hour", TimeDelta::hours(1)),
    ("24h", "Last 24 hours", TimeDelta::hours(24)),
    ("7d", "Last 7 days", TimeDelta::days(7)),
    ("30d", "Last 30 days", TimeDelta::days(30)),
    ("90d", "Last 90 days", TimeDelta::days(90)),
];

pub const CUSTOM: &str = "custom";

/// A log opens with this many days.
pub const DEFAULT: &str = "7d";

/// A day without an hour before it: what ends without a beginning.
const ONE_DAY: TimeDelta = TimeDelta::days(1);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// One of `RANGES`, up to now.
    Last(&'static str),
    Between(DateTime<Utc>, DateTime<Utc>),
}

impl Range {
    pub fn preset(slug: &str) -> Option<Self> {
        let known = RANGES.iter().find(|(known, ..)| *known == slug);
        known.map(|(slug, ..)| Self::Last(slug))
    }

    /// Between what was typed; one side may be empty. The field that is wrong, if one is.
    pub fn between(from: &str, to: &str, now: DateTime<Utc>) -> Result<Self, &'static str> {
        let read = |text: &str, end| match text {
            "" => Ok(None),
            text => instant(text, end).map(Some).ok_or(()),
        };
        let start = read(from, false).map_err(|()| "from")?;
        let end = read(to, true).map_err(|()| "to")?.unwrap_or(now);
        let start = start.unwrap_or(end - ONE_DAY);
        if start < end {
            Ok(Self::Between(start, end))
        } else {
            Err(if to.is_empty() { "from" } else { "to" })
        }
    }

    pub fn slug(&self) -> &'static str {
        match self {
            Self::Last(slug) => slug,
            Self::Between(..) => CUSTOM,
        }
    }

    /// The stretch of time meant.
    pub fn bounds(&self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        match self {
            Self::Between(from, to) => (*from, *to),
            Self::Last(slug) => {
                let known = RANGES.iter().find(|(known, ..)| known == slug);
                let span = known.map_or(TimeDelta::zero(), |(.., span)| *span);
                // What came in while this page is made belongs to it.
                (now - span, now + TimeDelta::minutes(1))
            }
        }
    }
}

/// A day (its end if `end`), or a minute, or an instant; UTC.
fn instant(text: &str, end: bool) -> Option<DateTime<Utc>> {
    let at = if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let day = if end { day.succ_opt()? } else { day };
        day.and_time(NaiveTime::MIN).and_utc()
    } else if let Ok(minute) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M") {
        minute.and_utc()
    } else {
        DateTime::parse_from_rfc3339(text).ok()?.to_utc()
    };
    (1970..=9999).contains(&at.year()).then_some(at)
}
