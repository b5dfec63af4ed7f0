//! Waiting until no node goes by what was before a change.

use std::time::Duration;

use tokio::time::Instant;

use crate::db::Db;
use crate::db::DbError;
use crate::db::nodes;
use crate::db::nodes::FENCE_MARGIN;
use crate::db::nodes::Progress;

const POLL: Duration = Duration::from_millis(5);

/// Beyond the time after which a silent node has surely stopped. Only a node that lives and yet
/// does not apply what it reads is waited for as long as this.
const SPARE: Duration = Duration::from_millis(500);

/// What the nodes had applied when the waiting ended. All are named, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmation {
    pub applied: Vec<String>,
    /// Silent for so long that they decide nothing; they apply the change before they decide again.
    pub fenced: Vec<String>,
    /// These may still go by what was before. Empty, unless the time was up.
    pub pending: Vec<String>,
    pub took: Duration,
}

impl Confirmation {
    pub fn is_complete(&self) -> bool {
        self.pending.is_empty()
    }
}

/// Waits until each node that may decide has applied the change `seq`.
///
/// A node that falls silent is waited for until its lease and the margin are over, and then counts
/// as fenced; one that lives and lags is given up half a second after that time and told as
/// pending. A node that starts meanwhile reads the database after the change was committed.
pub async fn wait_applied(db: &Db, seq: i64) -> Result<Confirmation, DbError> {
    let started = Instant::now();
    loop {
        let progress = db.run(move |conn| nodes::progress(conn, seq)).await?;
        let took = started.elapsed();
        if progress.pending.is_empty() || took >= patience(&progress) {
            return Ok(Confirmation {
                applied: progress.applied,
                fenced: progress.fenced,
                pending: progress.pending.into_iter().map(|one| one.name).collect(),
                took,
            });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Longer than any of the pending nodes can be silent without being fenced.
fn patience(progress: &Progress) -> Duration {
    let leases = progress.pending.iter().map(|node| node.lease);
    leases.max().unwrap_or_default() + FENCE_MARGIN + SPARE
}
