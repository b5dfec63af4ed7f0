//! Why calls failed, counted, above the table: each a link to the calls meant. Counted from rollups,
//! which know keys and hours and nothing else.

use std::time::Duration;

use chrono::DateTime;
use chrono::DurationRound;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::PgConnection;

use crate::dashboard::logs::address::LogAddress;
use crate::dashboard::logs::base::Base;
use crate::dashboard::logs::line::words;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::DbError;
use crate::db::request_log::LogFilter;
use crate::db::request_log::LogQuery;
use crate::db::usage;
use crate::db::usage::FailuresOf;
use crate::domain::decision::DenyReason;

/// Counting that takes longer is left out of the page.
const TIME_BOX: Duration = Duration::from_millis(300);
const RATE: &str = "rate of the plan reached";

/// How often each kind of failure was, as the database knows it.
pub struct Failures {
    since: DateTime<Utc>,
    kinds: Vec<(i16, i64)>,
}

pub struct Chips {
    /// From the whole hour on in which the range begins.
    pub since: Moment,
    pub chips: Vec<Chip>,
}

pub struct Chip {
    /// "38 × daily limit reached"
    pub words: String,
    pub url: String,
    pub current: bool,
}

/// `None` where the log is narrowed by what rollups do not know.
pub fn asked(query: &LogQuery) -> Option<FailuresOf> {
    let known = LogFilter {
        keys: query.filter.keys.clone(),
        categories: query.filter.categories.clone(),
        outcome: query.filter.outcome,
        ..LogFilter::default()
    };
    let hour = TimeDelta::hours(1);
    let from = query.from.duration_trunc(hour).ok()?;
    (query.filter == known).then(|| FailuresOf {
        account: query.account,
        workspaces: query.workspaces.clone(),
        keys: known.keys,
        categories: known.categories,
        from,
        to: query.to,
    })
}

pub fn count(conn: &mut PgConnection, of: &FailuresOf) -> Result<Option<Failures>, DbError> {
    let kinds = usage::failures(conn, of, TIME_BOX)?;
    let since = of.from;
    Ok(kinds.map(|kinds| Failures { since, kinds }))
}

impl Chips {
    pub fn new(
        failures: Failures,
        (address, base): (&LogAddress, &Base),
        now: DateTime<Utc>,
    ) -> Self {
        let mut kinds: Vec<(String, String, i64)> = Vec::new();
        for (outcome, requests) in failures.kinds {
            let (code, words) = named(outcome);
            match kinds.iter_mut().find(|(known, ..)| *known == code) {
                Some((_, words, sum)) => {
                    *sum += requests;
                    RATE.clone_into(words);
                }
                None => kinds.push((code, words, requests)),
            }
        }
        let chosen = address.typed("code");
        let chip = |(code, words, requests): (String, String, i64)| Chip {
            words: format!("{} × {words}", number::grouped(requests)),
            url: address.with(base, "code", &code),
            current: chosen.eq_ignore_ascii_case(&code),
        };
        Self {
            since: Moment::new(failures.since, now),
            chips: kinds.into_iter().map(chip).collect(),
        }
    }
}

/// The value of the filter `code`, and words.
fn named(outcome: i16) -> (String, String) {
    let reason = u8::try_from(outcome).ok().and_then(DenyReason::from_number);
    if let Some(reason) = reason {
        return (reason.code().to_owned(), reason.in_words().to_owned());
    }
    let status = outcome.cast_unsigned();
    let words = words(Some(status), None);
    (
        status.to_string(),
        format!("{status} {words}").trim().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_named_as_the_filter_has_them() {
        let told = |outcome| {
            let (code, words) = named(outcome);
            format!("{code}: {words}")
        };
        assert_eq!(told(12), "QUOTA_DAILY: daily limit reached");
        assert_eq!(told(404), "404: 404 Not Found");
        assert_eq!(told(599), "599: 599");
    }
}
