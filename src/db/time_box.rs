//! Statements that may take so long and no longer.

use std::time::Duration;
use std::time::Instant;

use diesel::prelude::*;
use diesel::result::DatabaseErrorKind;
use diesel::result::Error;

use crate::db::DbError;

/// What `work` finds, `None` if it took longer than `time`.
pub fn within<T>(
    conn: &mut PgConnection,
    time: Duration,
    work: impl FnOnce(&mut PgConnection) -> Result<T, Error>,
) -> Result<Option<T>, DbError> {
    // As the server counts it; 0 would be no limit.
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    let timeout = format!("set local statement_timeout = {millis}");
    let started = Instant::now();
    let found = conn.transaction(|conn| {
        diesel::sql_query(timeout).execute(conn)?;
        let found = work(conn)?;
        // What the transaction around this one asks later is not held to it. Where this fails, so
        // does the savepoint, and the timeout goes with that.
        diesel::sql_query("set local statement_timeout = default").execute(conn)?;
        Ok(found)
    });
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if was_cancelled(&error) && started.elapsed() >= Duration::from_millis(millis) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// A cancelled query has no kind of its own in diesel, and its message is in the server's
/// language.
fn was_cancelled(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::Unknown, _))
}
