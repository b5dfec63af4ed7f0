//! Questions to the database that never hold the node up, whatever becomes of the connection.

use std::sync::Arc;
use std::time::Duration;

use diesel::PgConnection;

use crate::db::Db;
use crate::db::DbError;
use crate::workers::mirror_sync::SyncError;

/// As many unanswered questions as a pool can have before it is given up.
const UNANSWERED_MAX: usize = 2;
/// Threads that wait for an answer which may never come. They end with their connections, at the
/// latest when the kernel gives those up.
const ABANDONED_MAX: usize = 32;

/// Each question has a deadline of its own. The thread that asked goes on waiting behind it; when
/// too many do, the next question gets fresh connections, so that the node is back as soon as
/// the database can be reached.
pub struct Link {
    db: Db,
    /// Held by each question to this pool until it is answered.
    unanswered: Arc<()>,
    /// The same, over all pools.
    abandoned: Arc<()>,
}

impl Link {
    pub fn new(db: Db) -> Self {
        Self {
            db,
            unanswered: Arc::default(),
            abandoned: Arc::default(),
        }
    }

    pub async fn ask<T: Send + 'static>(
        &mut self,
        limit: Duration,
        work: impl FnOnce(&mut PgConnection) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, SyncError> {
        let held = (Arc::clone(&self.unanswered), Arc::clone(&self.abandoned));
        let answer = self.db.run(move |conn| {
            let answer = work(conn);
            drop(held);
            answer
        });
        if let Ok(result) = tokio::time::timeout(limit, answer).await {
            return Ok(result?);
        }
        if Arc::strong_count(&self.unanswered) > UNANSWERED_MAX
            && Arc::strong_count(&self.abandoned) <= ABANDONED_MAX
        {
            tracing::info!("the mirror opens new connections to the database");
            self.db = self.db.reopened();
            self.unanswered = Arc::default();
        }
        Err(SyncError::Timeout(limit))
    }
}
