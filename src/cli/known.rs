//! What a command changed, until every running node knows it.

use std::time::Duration;

use crate::db::Db;
use crate::db::DbError;
use crate::db::nodes;

const POLL: Duration = Duration::from_millis(10);
const POLLS_MAX: usize = 300;

/// Waits until the change is applied wherever a node runs, so that the first call after the command
/// meets it. A node that does not answer is not waited for; says whether all did.
pub fn wait(db: &Db, seq: i64) -> Result<bool, DbError> {
    for _ in 0..POLLS_MAX {
        let progress = db.run_blocking(|conn| nodes::progress(conn, seq))?;
        if progress.pending.is_empty() {
            return Ok(true);
        }
        std::thread::sleep(POLL);
    }
    Ok(false)
}
