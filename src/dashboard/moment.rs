//! A time as people read it. Relative words are the server's; `js/time.js` only refreshes them.

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::TimeDelta;
use chrono::Utc;

/// A time together with the time at which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    at: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl Moment {
    pub fn new(at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self { at, now }
    }

    pub fn iso(&self) -> String {
        self.at.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    pub fn day(&self) -> String {
        self.at.format("%-d %b %Y").to_string()
    }

    pub fn at(&self) -> String {
        self.at.format("%-d %b %Y, %H:%M").to_string()
    }

    /// As `at`, for a narrow place: no line ends inside it.
    pub fn at_unbroken(&self) -> String {
        self.at().replace(' ', "\u{a0}")
    }

    pub fn exact(&self) -> String {
        self.at.format("%-d %b %Y, %H:%M:%S%.3f").to_string()
    }

    /// "3 hours ago", "in 5 days", "just now".
    pub fn relative(&self) -> String {
        let ahead = self.at > self.now;
        let span = if ahead {
            self.at - self.now
        } else {
            self.now - self.at
        };
        match (span_in_words(span), ahead) {
            (None, true) => "in less than a minute".to_owned(),
            (None, false) => "just now".to_owned(),
            (Some(words), true) => format!("in {words}"),
            (Some(words), false) => format!("{words} ago"),
        }
    }
}

/// The largest whole unit; nothing under a minute.
fn span_in_words(span: TimeDelta) -> Option<String> {
    let units = [
        (span.num_days() / 365, "year"),
        (
            if span.num_days() >= 60 {
                span.num_days() / 30
            } else {
                0
            },
            "month",
        ),
        (span.num_days(), "day"),
        (span.num_hours(), "hour"),
        (span.num_minutes(), "minute"),
    ];
    let (count, unit) = units.into_iter().find(|(count, _)| *count > 0)?;
    Some(format!(
        "{count} {unit}{}",
        if count == 1 { "" } else { "s" }
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds_from_now(seconds: i64) -> Moment {
        let now = DateTime::from_timestamp(1_795_253_467, 112_000_000).unwrap();
        Moment::new(now + TimeDelta::seconds(seconds), now)
    }

    #[test]
    fn relative_times_are_full_words() {
        for (seconds, words) in [
            (0, "just now"),
            (-59, "just now"),
            (-60, "1 minute ago"),
            (-3 * 3600 - 59, "3 hours ago"),
            (-26 * 3600, "1 day ago"),
            (-59 * 86_400, "59 days ago"),
            (-60 * 86_400, "2 months ago"),
            (-800 * 86_400, "2 years ago"),
            (30, "in less than a minute"),
            (5 * 86_400, "in 5 days"),
        ] {
            assert_eq!(seconds_from_now(seconds).relative(), words, "{seconds} s");
        }
    }

    #[test]
    fn absolute_times_name_day_month_and_year() {
        let moment = seconds_from_now(0);
        assert_eq!(moment.iso(), "2026-11-21T09:31:07.112Z");
        assert_eq!(moment.exact(), "21 Nov 2026, 09:31:07.112");
        assert_eq!(moment.at(), "21 Nov 2026, 09:31");
        assert_eq!(moment.day(), "21 Nov 2026");
    }
}
