//! A search that never takes longer than its time box and always knows how far it came: it goes
//! from the near end of its range to the far one in slices of time, one statement each, as long as
//! the time left allows.

use std::ops::Range;
use std::time::Duration;
use std::time::Instant;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::log_texts;
use crate::db::log_texts::TextKind;
use crate::db::pattern;
use crate::db::request_log::filter::Paths;
use crate::db::request_log::row::LogRow;
use crate::db::request_log::slice::Direction;
use crate::db::request_log::slice::LogQuery;
use crate::db::time_box::within;

/// Of more paths than these a row's own is looked at.
const PATHS_MAX: usize = 1_000;

const FIRST_SLICE: TimeDelta = TimeDelta::days(1);
/// A slice is at most so many times as long as the one before.
const GROWTH_MAX: f64 = 16.0;
/// Of what the time left is enough for, at the pace of the last slice.
const GROWTH_SHARE: f64 = 0.5;
/// After one that took too long.
const SHRINK: i32 = 16;
/// With less time left, nothing is begun.
const STATEMENT_MIN: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogPage {
    /// Newest first.
    pub rows: Vec<LogRow>,
    pub has_newer: bool,
    pub has_older: bool,
    pub stopped: Option<Stopped>,
}

/// A search that took longer than its time box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Everything between where the search began and here was searched.
    pub at: DateTime<Utc>,
    /// Whether that is anything.
    pub came_on: bool,
}

/// Reads one page, for at most `time_box`.
pub fn search(
    conn: &mut PgConnection,
    query: &LogQuery,
    time_box: Duration,
) -> Result<LogPage, DbError> {
    let end = Instant::now() + time_box;
    let paths = match &query.filter.path {
        None => None,
        Some(prefix) => match within(conn, time_box, |conn| paths(conn, prefix))? {
            Some(paths) => Some(paths),
            None => Some(Paths::Like(pattern::beginning(prefix))),
        },
    };
    let most = usize::from(query.limit) + 1;
    let mut search = Search {
        query,
        paths,
        end,
        left: query.stretch(),
        rows: Vec::new(),
    };
    let is_nowhere = matches!(&search.paths, Some(Paths::Ids(ids)) if ids.is_empty());
    let stopped = if is_nowhere || query.workspaces.is_empty() {
        None
    } else {
        search.run(conn, most)?
    };
    let page = page_of(query, search.rows, stopped);
    Ok(page)
}

fn paths(conn: &mut PgConnection, prefix: &str) -> Result<Paths, diesel::result::Error> {
    let pattern = pattern::beginning(prefix);
    let ids = log_texts::like(conn, TextKind::Path, &pattern, PATHS_MAX + 1)?;
    Ok(if ids.len() > PATHS_MAX {
        Paths::Like(pattern)
    } else {
        Paths::Ids(ids)
    })
}

struct Search<'a> {
    query: &'a LogQuery,
    paths: Option<Paths>,
    end: Instant,
    /// Not searched yet.
    left: Range<DateTime<Utc>>,
    /// In the order of reading.
    rows: Vec<LogRow>,
}

impl Search<'_> {
    /// Until there are `most` rows, or no more, or no time.
    fn run(&mut self, conn: &mut PgConnection, most: usize) -> Result<Option<Stopped>, DbError> {
        let begun = self.left.clone();
        let whole = begun.end - begun.start;
        let mut length = if self.query.filter.is_indexed() {
            whole
        } else {
            FIRST_SLICE.min(whole)
        };
        let mut searched = false;
        while self.left.start < self.left.end && self.rows.len() < most {
            let time = self.end.saturating_duration_since(Instant::now());
            // A first slice that was too long leaves time for a shorter one.
            let time = if searched { time } else { time / 2 };
            if time < STATEMENT_MIN || length <= TimeDelta::zero() {
                return Ok(Some(Stopped {
                    at: self.near_end(),
                    came_on: searched,
                }));
            }
            let slice = self.slice(length);
            let missing = i64::try_from(most - self.rows.len()).unwrap_or(i64::MAX);
            let started = Instant::now();
            let found = within(conn, time, |conn| {
                self.query
                    .slice(conn, self.paths.as_ref(), (&slice, missing))
            })?;
            let Some(found) = found else {
                length = length / SHRINK;
                continue;
            };
            self.rows.extend(found);
            if self.query.is_backwards() {
                self.left.start = slice.end;
            } else {
                self.left.end = slice.start;
            }
            searched = true;
            length = longer(length, started.elapsed(), self.end);
        }
        Ok(None)
    }

    /// The next stretch of at most `length`.
    fn slice(&self, length: TimeDelta) -> Range<DateTime<Utc>> {
        let Range { start, end } = self.left;
        if end - start <= length {
            start..end
        } else if self.query.is_backwards() {
            start..start + length
        } else {
            end - length..end
        }
    }

    fn near_end(&self) -> DateTime<Utc> {
        if self.query.is_backwards() {
            self.left.start
        } else {
            self.left.end
        }
    }
}

/// As long as the time that is left until `end` is likely to be enough for.
fn longer(length: TimeDelta, took: Duration, end: Instant) -> TimeDelta {
    let left = end.saturating_duration_since(Instant::now()).as_secs_f64();
    let growth = left * GROWTH_SHARE / took.as_secs_f64().max(0.001);
    let seconds = length.as_seconds_f64() * growth.min(GROWTH_MAX);
    #[expect(clippy::cast_possible_truncation, reason = "days at most thousands")]
    let millis = (seconds * 1_000.0) as i64;
    TimeDelta::milliseconds(millis.max(1))
}

fn page_of(query: &LogQuery, mut rows: Vec<LogRow>, stopped: Option<Stopped>) -> LogPage {
    let limit = usize::from(query.limit);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let backwards = query.is_backwards();
    if backwards {
        rows.reverse();
    }
    LogPage {
        rows,
        has_newer: if backwards {
            more
        } else {
            query.direction != Direction::Newest
        },
        has_older: backwards || more,
        stopped,
    }
}
