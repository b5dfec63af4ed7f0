//! Waiting until every node that decides has applied a change, so that a page may say it.

use std::time::Duration;

use tokio::time::Instant;

use crate::db::Db;
use crate::db::DbError;
use crate::db::nodes;

const POLL: Duration = Duration::from_millis(10);

/// A node that is slower than this is named instead of waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the nodes had applied when the waiting ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Nodes that may still decide.
    pub nodes: usize,
    /// Those of them that have not applied the change.
    pub pending: Vec<String>,
    pub took: Duration,
}

/// Polls until no node is behind the change `seq`, for three seconds at most.
pub async fn wait_applied(db: &Db, seq: i64) -> Result<Confirmation, DbError> {
    let started = Instant::now();
    loop {
        let progress = db.run(move |conn| nodes::progress(conn, seq)).await?;
        let took = started.elapsed();
        if progress.pending.is_empty() || took >= PATIENCE {
            return Ok(Confirmation {
                nodes: progress.live,
                pending: progress.pending,
                took,
            });
        }
        tokio::time::sleep(POLL).await;
    }
}
