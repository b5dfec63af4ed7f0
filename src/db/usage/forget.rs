//! Rollups that no page shows any more.

use chrono::NaiveDate;
use chrono::NaiveTime;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::outcomes_hourly;
use crate::db::schema::usage_daily;
use crate::db::schema::usage_hourly;
use crate::db::schema::workspace_usage_daily;

/// Deletes the rollups of days before `first_kept` and tells how many rows that were.
pub fn forget_before(conn: &mut PgConnection, first_kept: NaiveDate) -> Result<usize, DbError> {
    let midnight = first_kept.and_time(NaiveTime::MIN).and_utc();
    let hours = diesel::delete(usage_hourly::table.filter(usage_hourly::hour.lt(midnight)))
        .execute(conn)?;
    let outcomes =
        diesel::delete(outcomes_hourly::table.filter(outcomes_hourly::hour.lt(midnight)))
            .execute(conn)?;
    let days =
        diesel::delete(usage_daily::table.filter(usage_daily::day.lt(first_kept))).execute(conn)?;
    let workspaces = diesel::delete(
        workspace_usage_daily::table.filter(workspace_usage_daily::day.lt(first_kept)),
    )
    .execute(conn)?;
    Ok(hours + outcomes + days + workspaces)
}
