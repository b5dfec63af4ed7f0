//! Makes the request log's partitions ahead of time and removes what is older than it is kept.

mod shortened;

use std::time::Duration;

use chrono::DateTime;
use chrono::Days;
use chrono::NaiveDate;
use chrono::TimeDelta;
use chrono::Utc;
use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::DbError;
use crate::db::failed_attempts;
use crate::db::ip_blocks;
use crate::db::key_changes;
use crate::db::limits;
use crate::db::log_gaps;
use crate::db::log_texts;
use crate::db::meter_usage;
use crate::db::nodes;
use crate::db::one_time_links;
use crate::db::pending_sign_ins;
use crate::db::permission_uses;
use crate::db::request_log;
use crate::db::request_log::partitions;
use crate::db::sessions;
use crate::db::sign_in_failures;
use crate::db::usage;
use crate::db::usage_events;
use crate::domain::clock::SharedClock;
use crate::domain::log_retention::KeptDays;
use crate::domain::meter::EVENTS_KEPT;

/// Partitions made ahead, today's apart: enough for a week in which this worker cannot run.
const DAYS_AHEAD: u64 = 7;
/// More than a year, so that a chart can be compared with the one of a year ago.
const USAGE_DAYS: u64 = 400;
/// A node that was away for longer loads everything anew.
const KEY_CHANGES_KEPT: TimeDelta = TimeDelta::days(1);
/// A node that does not come back within this is no longer shown.
const SILENT_NODES_KEPT: TimeDelta = TimeDelta::days(1);
/// Calls of a round; what is left then waits for the next.
const LIMIT_SWEEPS_MAX: usize = 100;
/// As above, of keys whose month is counted anew.
const RECOUNTS_MAX: usize = 100;
/// A block that has ended is no longer shown.
const IP_BLOCKS_KEPT: TimeDelta = TimeDelta::days(1);
const INTERVAL: Duration = Duration::from_hours(1);

pub struct Retention {
    db: Db,
    clock: SharedClock,
    kept: KeptDays,
}

/// What a round removed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub partitions: Vec<NaiveDate>,
    pub rows: usize,
}

impl Retention {
    pub fn new(db: Db, clock: SharedClock, kept: KeptDays) -> Self {
        Self { db, clock, kept }
    }

    /// Runs at once and then every hour, until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let removed = tokio::select! {
                () = stop.cancelled() => break,
                removed = self.run_once() => removed,
            };
            match removed {
                Ok(removed) if removed != Removed::default() => {
                    tracing::info!(partitions = ?removed.partitions, rows = removed.rows, "removed what is no longer kept");
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "old rows stay for another hour"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    pub async fn run_once(&self) -> Result<Removed, DbError> {
        let (now, kept) = (self.clock.now(), self.kept);
        let mut removed = self.db.run(move |conn| remove(conn, now, kept)).await?;
        removed.rows += shortened::remove(&self.db, now, kept).await?;
        Ok(removed)
    }
}

fn remove(
    conn: &mut diesel::PgConnection,
    now: DateTime<Utc>,
    retention: KeptDays,
) -> Result<Removed, DbError> {
    let today = now.date_naive();
    let ahead: Vec<NaiveDate> = (0..=DAYS_AHEAD)
        .map(|days| today + Days::new(days))
        .collect();
    partitions::ensure(conn, &ahead)?;
    let kept = retention.first_day(today);
    let dropped = partitions::drop_before(conn, kept)?;
    let midnight = retention.since(now);
    let mut rows = failed_attempts::forget_before(conn, midnight)?;
    rows += log_gaps::forget_before(conn, midnight)?;
    rows += request_log::forget_details_before(conn, midnight)?;
    rows += ip_blocks::forget_before(conn, now - IP_BLOCKS_KEPT)?;
    rows += usage::forget_before(conn, today - Days::new(USAGE_DAYS))?;
    rows += meter_usage::forget_before(conn, today - Days::new(USAGE_DAYS))?;
    rows += permission_uses::forget_before(conn, today - Days::new(USAGE_DAYS))?;
    rows += usage_events::forget_before(conn, now - EVENTS_KEPT)?;
    rows += key_changes::forget_before(conn, now - KEY_CHANGES_KEPT)?;
    rows += nodes::forget_silent(conn, now - SILENT_NODES_KEPT)?;
    rows += sweep_limits(conn)?;
    recount_usage(conn, now)?;
    rows += sessions::delete_dead(conn, now)?;
    rows += one_time_links::delete_dead(conn, now)?;
    rows += sign_in_failures::delete_old(conn, now)?;
    rows += pending_sign_ins::delete_old(conn, now)?;
    // A partition that could not be dropped yet still needs its texts.
    if partitions::days(conn)?.iter().all(|day| *day >= kept) {
        rows += log_texts::forget_before(conn, kept)?;
    }
    Ok(Removed {
        partitions: dropped,
        rows,
    })
}

/// By the database's clock, which counts them.
fn sweep_limits(conn: &mut diesel::PgConnection) -> Result<usize, DbError> {
    let mut rows = 0;
    for _ in 0..LIMIT_SWEEPS_MAX {
        let swept = limits::sweep(conn, None)?;
        rows += swept;
        if swept < limits::SUBJECTS_MAX {
            break;
        }
    }
    Ok(rows)
}

fn recount_usage(conn: &mut diesel::PgConnection, now: DateTime<Utc>) -> Result<(), DbError> {
    for _ in 0..RECOUNTS_MAX {
        if usage::recount(conn, now)? < usize::from(usage::RECOUNT_MAX) {
            break;
        }
    }
    for _ in 0..RECOUNTS_MAX {
        if permission_uses::recount(conn, now)? < usize::from(permission_uses::RECOUNT_MAX) {
            break;
        }
    }
    Ok(())
}
