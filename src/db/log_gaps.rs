//! Times in which requests were answered without a row in the log.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::schema::log_gaps;

/// More are not told at once.
pub const GAPS_MAX: u8 = 20;

/// A time in which a node could write nothing down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = log_gaps)]
pub struct LogGap {
    pub from_at: DateTime<Utc>,
    pub to_at: DateTime<Utc>,
    /// Requests without a row, of all accounts.
    pub records: i64,
}

/// Belongs into the transaction that moves the cursor of `spool`.
pub fn note(conn: &mut PgConnection, spool: Uuid, gaps: &[LogGap]) -> Result<(), DbError> {
    let rows: Vec<_> = gaps
        .iter()
        .map(|gap| (log_gaps::spool_id.eq(spool), *gap))
        .collect();
    diesel::insert_into(log_gaps::table)
        .values(&rows)
        .execute(conn)?;
    Ok(())
}

/// The latest gaps that touch the time from `from` to `to`, newest first; `GAPS_MAX` at most.
pub fn between(
    conn: &mut PgConnection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<LogGap>, DbError> {
    Ok(log_gaps::table
        .filter(log_gaps::to_at.ge(from).and(log_gaps::from_at.lt(to)))
        .order((log_gaps::to_at.desc(), log_gaps::id.desc()))
        .limit(GAPS_MAX.into())
        .select((log_gaps::from_at, log_gaps::to_at, log_gaps::records))
        .load(conn)?)
}

/// Deletes what ended before `before` and tells how many rows that were.
pub fn forget_before(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<usize, DbError> {
    let old = log_gaps::table.filter(log_gaps::to_at.lt(before));
    Ok(diesel::delete(old).execute(conn)?)
}
