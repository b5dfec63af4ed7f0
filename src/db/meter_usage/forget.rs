//! Rollups that no page shows any more.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::meter_usage_daily;
use crate::db::schema::meters;
use crate::domain::plan::MeterKind;

/// Deletes the rollups of days before `first_kept` and tells how many rows that were. A level is
/// the sum of all its changes, so its rows stay.
pub fn forget_before(conn: &mut PgConnection, first_kept: NaiveDate) -> Result<usize, DbError> {
    let levels = meters::table
        .filter(meters::kind.eq(MeterKind::Level.as_str()))
        .select(meters::slug);
    let old = meter_usage_daily::table
        .filter(meter_usage_daily::day.lt(first_kept))
        .filter(meter_usage_daily::meter.ne_all(levels));
    Ok(diesel::delete(old).execute(conn)?)
}
