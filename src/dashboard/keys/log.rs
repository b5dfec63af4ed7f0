//! The requests of a key, as a table with filters.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::keys::cursor;
use crate::dashboard::keys::log_query::LogAddress;
use crate::dashboard::keys::log_query::RANGES;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::request_log::LogCursor;
use crate::db::request_log::LogPage;
use crate::db::request_log::LogRow;
use crate::db::request_log::LogRows;
use crate::domain::endpoint::Method;

/// What became of the search.
enum Outcome {
    Found,
    Stopped,
    Failed,
}

pub struct LogBlock {
    pub address: LogAddress,
    pub rows: Vec<LogLine>,
    /// Whether this person may see where calls come from.
    pub shows_addresses: bool,
    pub newer: Option<String>,
    pub older: Option<String>,
    outcome: Outcome,
    /// For a key that nobody has called with yet.
    curl: Option<String>,
}

pub struct LogLine {
    pub at: Moment,
    pub method: &'static str,
    pub path: String,
    pub status: Option<u16>,
    /// What a number of 400 or more means, or why there is none yet.
    pub words: String,
    pub duration: String,
    pub ip: String,
    pub credits: String,
}

/// Shown instead of rows.
pub struct LogMessage {
    pub title: &'static str,
    pub text: String,
    pub curl: Option<String>,
    pub clear: bool,
}

impl LogBlock {
    /// `found` is None when the log could not be read; the rest of the page is worth showing.
    pub fn new(
        address: LogAddress,
        found: Option<LogPage>,
        base: &str,
        now: DateTime<Utc>,
    ) -> Self {
        let (outcome, found) = match found {
            Some(LogPage::Found(rows)) => (Outcome::Found, rows),
            Some(LogPage::Stopped) => (Outcome::Stopped, LogRows::default()),
            None => (Outcome::Failed, LogRows::default()),
        };
        let edge = |row: Option<&LogRow>, name| {
            row.map(|row| {
                let place = LogCursor {
                    at: row.at,
                    request_id: row.request_id.clone(),
                };
                address.url(base, Some((name, &cursor::encode_log(&place))))
            })
        };
        let newer = edge(found.rows.first().filter(|_| found.has_newer), "before");
        let older = edge(found.rows.last().filter(|_| found.has_older), "after");
        Self {
            rows: found
                .rows
                .into_iter()
                .map(|row| LogLine::new(row, now))
                .collect(),
            shows_addresses: true,
            newer,
            older,
            outcome,
            curl: None,
            address,
        }
    }

    #[must_use]
    pub fn with_addresses(self, shows_addresses: bool) -> Self {
        Self {
            shows_addresses,
            ..self
        }
    }

    /// How to make a first call.
    #[must_use]
    pub fn with_curl(self, curl: Option<String>) -> Self {
        Self { curl, ..self }
    }

    pub fn notices(&self) -> &[String] {
        &self.address.notices
    }

    pub fn ranges(&self) -> Vec<(&'static str, &'static str, bool)> {
        let chosen = self.address.range_slug();
        RANGES
            .iter()
            .map(|(slug, label, _)| (*slug, *label))
            .chain([("custom", "From – to")])
            .map(|(slug, label)| (slug, label, slug == chosen))
            .collect()
    }

    pub fn methods(&self) -> Vec<(&'static str, bool)> {
        Method::ALL
            .into_iter()
            .map(|method| (method.as_str(), self.address.filter.method == Some(method)))
            .collect()
    }

    pub fn caption(&self) -> String {
        let range = RANGES
            .iter()
            .find(|(slug, ..)| *slug == self.address.range_slug());
        let range = range.map_or_else(
            || format!("{} to {}", self.address.from, self.address.to),
            |(_, label, _)| label.to_lowercase(),
        );
        format!("Requests, {range}, newest first")
    }

    pub fn count_words(&self) -> String {
        let rows = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        number::counted(rows, "request on this page", "requests on this page")
    }

    /// What to say where there are no rows.
    pub fn message(&self) -> Option<LogMessage> {
        let message = |title, text: &str, clear| LogMessage {
            title,
            text: text.to_owned(),
            curl: None,
            clear,
        };
        match self.outcome {
            Outcome::Stopped => Some(message(
                "Search stopped after 2 s",
                "Narrow the dates.",
                false,
            )),
            Outcome::Failed => Some(message(
                "Not available right now",
                "The log could not be read. Try again in a moment.",
                false,
            )),
            Outcome::Found if !self.rows.is_empty() => None,
            Outcome::Found if self.address.is_narrow() => {
                let filters = self.address.filters_in_words().join(", ");
                Some(message(
                    "No calls match",
                    &format!("Nothing in this range has {filters}."),
                    true,
                ))
            }
            Outcome::Found if self.curl.is_some() => Some(LogMessage {
                curl: self.curl.clone(),
                ..message(
                    "No calls yet",
                    "Nobody has called the API with this key.",
                    false,
                )
            }),
            Outcome::Found => Some(message(
                "No calls in this range",
                "Choose a longer range.",
                self.address.is_custom(),
            )),
        }
    }
}

impl LogLine {
    fn new(row: LogRow, now: DateTime<Utc>) -> Self {
        Self {
            at: Moment::new(row.at, now),
            method: row.method.map_or("", Method::as_str),
            path: row.path,
            words: match (row.status, row.denial) {
                (_, Some(denial)) => denial.in_words().to_owned(),
                (None, None) => "In progress".to_owned(),
                (Some(status), None) => words_of(status),
            },
            status: row.status,
            duration: row.duration_us.map(duration).unwrap_or_default(),
            ip: row.ip.map(|ip| ip.to_string()).unwrap_or_default(),
            credits: number::grouped(row.credits.into()),
        }
    }
}

/// The words of a failure, empty for a success.
fn words_of(status: u16) -> String {
    if status < 400 {
        return String::new();
    }
    actix_web::http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default()
        .to_owned()
}

/// In milliseconds; a tenth of one where there is less than ten.
fn duration(micros: i32) -> String {
    if micros < 10_000 {
        let tenths = micros / 100;
        format!("{}.{} ms", tenths / 10, tenths % 10)
    } else {
        format!("{} ms", number::grouped((micros / 1000).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_call_shows_a_tenth_of_a_millisecond() {
        assert_eq!(duration(40), "0.0 ms");
        assert_eq!(duration(1_540), "1.5 ms");
        assert_eq!(duration(12_999), "12 ms");
        assert_eq!(duration(1_234_567), "1,234 ms");
    }

    #[test]
    fn failures_have_words_and_successes_none() {
        assert_eq!(words_of(200), "");
        assert_eq!(words_of(404), "Not Found");
        assert_eq!(words_of(599), "");
    }
}
