//! What an account keeps no longer, deleted some rows at a time. What no account keeps goes with its
//! partition.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Int4;
use diesel::sql_types::Nullable;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;
use crate::db::log_retention::Shortened;
use crate::db::log_schema::request_details;
use crate::db::log_schema::request_log;

/// One node at a time deletes.
const LOCK: i64 = 0x6c61_7463_686b_0004;

diesel::define_sql_function! {
    fn pg_try_advisory_xact_lock(key: BigInt) -> Bool;
}

/// The time of the last of the oldest rows, read along the index that pages read.
const LAST_OF_OLDEST: &str = "\
    select max(at) as at from (
        select at from request_log where workspace_id = $1 and at >= $2 and at < $3
         order by at limit $4) oldest";
const LAST_OF_OLDEST_DETAILS: &str = "\
    select max(at) as at from (
        select at from request_details where account_id = $1 and at >= $2 and at < $3
         order by at limit $4) oldest";

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// How far deleting came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    pub rows: usize,
    /// Nothing of before is left; there may be more after.
    pub up_to: DateTime<Utc>,
}

/// Deletes about `limit` of the oldest rows of a workspace between the times, and what refusals of
/// them missed. `None` if there are none, or another node is at it.
pub fn forget_some(
    conn: &mut PgConnection,
    of: Shortened,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Option<Forgotten>, DbError> {
    conn.transaction(|conn| {
        let free: bool = diesel::select(pg_try_advisory_xact_lock(LOCK)).get_result(conn)?;
        if !free {
            return Ok(None);
        }
        let mut forgotten = None;
        let (account, workspace) = (of.account.0, of.workspace.0);
        if let Some(last) = last(conn, LAST_OF_OLDEST, workspace, ((from, to), limit))? {
            let old = request_log::table
                .filter(request_log::workspace_id.eq(workspace))
                .filter(request_log::account_id.eq(account))
                .filter(request_log::at.between(from, last));
            forgotten = Some(Forgotten {
                rows: diesel::delete(old).execute(conn)?,
                up_to: last,
            });
        }
        // Of all workspaces of the account: it is kept by the account, and there are few.
        let first = DateTime::UNIX_EPOCH;
        if let Some(last) = last(conn, LAST_OF_OLDEST_DETAILS, account, ((first, to), limit))? {
            let old = request_details::table
                .filter(request_details::account_id.eq(account))
                .filter(request_details::at.between(first, last));
            let rows = diesel::delete(old).execute(conn)?;
            let done = forgotten.get_or_insert(Forgotten {
                rows: 0,
                up_to: from,
            });
            done.rows += rows;
        }
        Ok(forgotten)
    })
}

type Stretch = ((DateTime<Utc>, DateTime<Utc>), i64);

fn last(
    conn: &mut PgConnection,
    sql: &str,
    of: i32,
    ((from, to), limit): Stretch,
) -> Result<Option<DateTime<Utc>>, DbError> {
    let last: Last = diesel::sql_query(sql)
        .bind::<Int4, _>(of)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<BigInt, _>(limit)
        .get_result(conn)?;
    Ok(last.at)
}
