//! Use of an account's meters, by calls to the API and by the app alike.

use std::borrow::Cow;

use chrono::TimeDelta;

/// The meter that every call to the API feeds by one.
pub const REQUESTS: &str = "requests";
/// The meter that calls feed by their credits.
pub const CREDITS: &str = "credits";

/// Longest name of a meter.
pub const SLUG_LENGTH_MAX: usize = 50;
/// Most meters that one call may feed.
pub const METERS_PER_CALL_MAX: usize = 8;
/// The most that one call or one event may use of a meter.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;
/// How late an event of app usage may be told. What was counted is known for longer, so that
/// nothing is counted twice.
pub const EVENT_LATE_MAX: TimeDelta = TimeDelta::days(35);
/// For how long it is known what was counted.
pub const EVENTS_KEPT: TimeDelta = TimeDelta::days(36);

/// What a call used of one meter, and what its decision took from the account's counter for it.
/// The difference is what the counter is still to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterUse<'a> {
    pub meter: Cow<'a, str>,
    /// Negative where less was used than was thought, or a level fell.
    pub used: i64,
    pub charged: i64,
}

impl MeterUse<'_> {
    /// What was learned afterwards: the counter knows nothing of it.
    pub fn afterwards(meter: &str, used: i64) -> MeterUse<'static> {
        MeterUse {
            meter: Cow::Owned(meter.to_owned()),
            used,
            charged: 0,
        }
    }
}

/// From whom use comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MeterSource {
    Api,
    App,
}

impl MeterSource {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::App => "app",
        }
    }
}

/// Whether `text` is of the form of a meter's name: `imports`.
pub fn is_slug(text: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= SLUG_LENGTH_MAX
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_is_a_lower_case_word() {
        for slug in ["imports", "a", "gb-stored", "v2"] {
            assert!(is_slug(slug), "{slug}");
        }
        let long = "a".repeat(51);
        for slug in ["", "Imports", "2x", "-a", "a b", "ä", &long] {
            assert!(!is_slug(slug), "{slug}");
        }
    }
}
