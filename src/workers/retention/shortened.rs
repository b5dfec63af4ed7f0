//! Rows that an account keeps no longer, although the installation keeps others of their day.

use chrono::DateTime;
use chrono::Utc;

use crate::db::Db;
use crate::db::DbError;
use crate::db::log_retention;
use crate::db::log_retention::Shortened;
use crate::db::request_log;
use crate::domain::log_retention::KeptDays;

/// Rows of one transaction: locks on them are held for a moment, and nobody waits for any.
const BATCH_ROWS: i64 = 5_000;
/// Of a workspace in a round: five million rows. What is left then waits for the next.
const BATCHES_MAX: usize = 1_000;

/// Deletes batch by batch, each in a transaction of its own, and tells how many rows that were.
pub async fn remove(db: &Db, now: DateTime<Utc>, all: KeptDays) -> Result<usize, DbError> {
    let shortened = db
        .run(move |conn| log_retention::shortened(conn, all.days()))
        .await?;
    let mut rows = 0;
    for workspace in shortened {
        let to = all.of_account(Some(workspace.days)).since(now);
        rows += remove_of(db, workspace, to).await?;
    }
    Ok(rows)
}

async fn remove_of(db: &Db, of: Shortened, to: DateTime<Utc>) -> Result<usize, DbError> {
    let (mut from, mut rows) = (DateTime::UNIX_EPOCH, 0);
    for _ in 0..BATCHES_MAX {
        let some = db
            .run(move |conn| request_log::forget_some(conn, of, (from, to), BATCH_ROWS))
            .await?;
        let Some(some) = some else {
            break;
        };
        rows += some.rows;
        from = some.up_to;
    }
    Ok(rows)
}
