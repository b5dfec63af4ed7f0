//! The last calls with a key that failed, each with what became of it in words. Days come from the
//! rollups, so that the log is asked once, from the day on that has enough of them, or not at all.

use std::time::Duration;

use chrono::DateTime;
use chrono::NaiveTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::logs;
use crate::dashboard::logs::line::words;
use crate::dashboard::logs::reasons;
use crate::dashboard::moment::Moment;
use crate::db::request_log;
use crate::db::request_log::FailedCalls;
use crate::db::request_log::LogRow;
use crate::db::usage::DayUsage;
use crate::domain::api_key::ApiKey;
use crate::domain::endpoint::Method;

/// More of them are in the log.
pub const SHOWN: u16 = 5;
/// Looking that takes longer is given up.
const TIME_BOX: Duration = Duration::from_millis(300);

/// What was found out about a key's failures.
pub enum Found {
    /// In the thirty days of the chart.
    None,
    /// Newest first; none where calls failed and no row of them is kept.
    Some(Vec<LogRow>),
    Unknown,
}

/// The same as its page tells it.
pub enum LastErrors {
    None,
    Some(Vec<ErrorLine>),
    /// There were some, of which no row is kept.
    Gone,
    Unknown,
}

pub struct ErrorLine {
    pub at: Moment,
    /// Its own page.
    pub url: String,
    pub request_id: String,
    pub method: &'static str,
    pub path: String,
    pub status: Option<u16>,
    /// "daily limit reached"
    pub words: String,
    /// In a sentence, with the name of what was missing.
    pub sentence: String,
}

/// `days` as far as they could be read.
pub fn find(
    conn: &mut PgConnection,
    (key, days): (&ApiKey, Option<&[DayUsage]>),
    kept_since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Found {
    let Some(days) = days else {
        return Found::Unknown;
    };
    let Some(since) = enough_since(days) else {
        return Found::None;
    };
    let of = FailedCalls {
        account: key.account_id,
        workspace: key.workspace_id,
        key: key.id,
        from: since.max(kept_since),
        // What comes in while this page is made belongs to it.
        to: now + TimeDelta::minutes(1),
        most: SHOWN,
    };
    match request_log::last_failures(conn, &of, TIME_BOX) {
        Ok(Some(rows)) => Found::Some(rows),
        Ok(None) => Found::Unknown,
        Err(error) => {
            tracing::warn!(%error, "the last failures of a key were not read");
            Found::Unknown
        }
    }
}

/// The beginning of the day from which on as many failed as are shown, or of the first on which any
/// did.
fn enough_since(days: &[DayUsage]) -> Option<DateTime<Utc>> {
    let mut failing: Vec<&DayUsage> = days.iter().filter(|day| day.failed > 0).collect();
    failing.sort_by_key(|day| std::cmp::Reverse(day.day));
    let mut counted = 0;
    let day = failing
        .iter()
        .find(|day| {
            counted += day.failed;
            counted >= i64::from(SHOWN)
        })
        .or(failing.last())?;
    Some(day.day.and_time(NaiveTime::MIN).and_utc())
}

impl LastErrors {
    /// With each call's page below `root`.
    pub fn new(found: Found, root: &str, now: DateTime<Utc>) -> Self {
        match found {
            Found::None => Self::None,
            Found::Some(rows) if rows.is_empty() => Self::Gone,
            Found::Some(rows) => {
                let line = |row: LogRow| ErrorLine::new(&row, root, now);
                Self::Some(rows.into_iter().map(line).collect())
            }
            Found::Unknown => Self::Unknown,
        }
    }

    pub fn lines(&self) -> &[ErrorLine] {
        match self {
            Self::Some(lines) => lines,
            Self::None | Self::Gone | Self::Unknown => &[],
        }
    }

    /// Instead of a table.
    pub fn instead(&self) -> &'static str {
        match self {
            Self::None => "No call failed in the last 30 days.",
            Self::Gone => "Calls failed in the last 30 days, before those that are still kept.",
            Self::Unknown => "Not available right now.",
            Self::Some(_) => "",
        }
    }
}

impl ErrorLine {
    /// In one line of plain text.
    pub fn told(&self) -> String {
        let status = self.status.map(|status| format!("{status} "));
        format!(
            "{} UTC: {} {}, {}{}, {}. {}",
            self.at.exact(),
            self.method,
            self.path,
            status.unwrap_or_default(),
            self.words,
            self.request_id,
            self.sentence
        )
    }

    fn new(row: &LogRow, root: &str, now: DateTime<Utc>) -> Self {
        Self {
            at: Moment::new(row.at, now),
            url: logs::request_url(root, &row.request_id),
            request_id: row.request_id.clone(),
            method: row.method.map_or("", Method::as_str),
            path: row.path.clone(),
            status: row.status,
            words: words(row.status, row.denial),
            sentence: match row.denial {
                Some(denial) => reasons::of(denial, row).0,
                None => "The key was in order. The call ended with this status.".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: &str, failed: i64) -> DayUsage {
        DayUsage {
            day: day.parse().unwrap(),
            requests: 10,
            failed,
            credits: 0,
            latencies: crate::domain::latency::Latencies::default(),
        }
    }

    #[test]
    fn the_log_is_asked_from_the_day_on_that_has_enough_failures() {
        let days = [
            day("2026-11-18", 9),
            day("2026-11-21", 0),
            day("2026-11-20", 3),
            day("2026-11-19", 2),
        ];
        let since = |days: &[DayUsage]| enough_since(days).map(|at| at.date_naive().to_string());
        assert_eq!(since(&days).as_deref(), Some("2026-11-19"));
        assert_eq!(since(&days[1..3]).as_deref(), Some("2026-11-20"));
        assert_eq!(since(&days[1..2]), None);
    }
}
