//! Keeps the mirror true: loads everything once, then applies `key_changes`.
//!
//! The poll is the truth, `NOTIFY` only wakes it early. Each round writes the node's heartbeat
//! *before* it reads, and the mirror's lease is counted from before that: whoever finds the
//! heartbeat older than the lease may therefore be sure that this node has stopped deciding.

mod apply;
mod listen;
mod load;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::db::Db;
use crate::db::DbError;
use crate::db::nodes;
use crate::db::nodes::NodeRow;
use crate::domain::clock::SharedClock;
use crate::verify::mirror::Mirror;

/// How often the database is asked when nothing wakes the node.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// A question that takes longer is given up, so that a halted database cannot hold the round.
const QUERY_TIMEOUT: Duration = Duration::from_millis(900);
/// The first load of a large installation takes longer than a look for news.
const LOAD_TIMEOUT: Duration = Duration::from_mins(2);

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// All news is applied; the lease is renewed.
    Current,
    /// There is more to read at once.
    More,
}

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the database did not answer within {0:?}")]
    Timeout(Duration),
}

pub struct MirrorSync {
    db: Db,
    mirror: Mirror,
    clock: SharedClock,
    node: NodeRow,
    /// False until the first load, and after the node was away for too long.
    loaded: bool,
    wake: Arc<Notify>,
}

impl MirrorSync {
    pub fn new(db: Db, mirror: Mirror, clock: SharedClock, (id, name): (Uuid, String)) -> Self {
        let lease_ms = i32::try_from(mirror.lease().lasts().as_millis()).unwrap_or(i32::MAX);
        let node = NodeRow {
            id,
            name,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: clock.now(),
            applied_seq: 0,
            lease_ms,
        };
        Self {
            db,
            mirror,
            clock,
            node,
            loaded: false,
            wake: Arc::new(Notify::new()),
        }
    }

    /// Runs until `stop`, then tells the database that this node has left.
    pub async fn run(mut self, listen_url: String, stop: CancellationToken) {
        let listener = tokio::spawn(listen::run(
            listen_url,
            Arc::clone(&self.wake),
            stop.clone(),
        ));
        let mut failing = false;
        while !stop.is_cancelled() {
            let round = self.run_once().await;
            if let Err(error) = &round
                && !failing
            {
                tracing::warn!(%error, "the mirror hears nothing from the database");
            } else if round.is_ok() && failing {
                tracing::info!("the mirror hears from the database again");
            }
            failing = round.is_err();
            if matches!(round, Ok(Round::More)) {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.wake.notified() => {}
                () = tokio::time::sleep(POLL_INTERVAL) => {}
            }
        }
        listener.abort();
        self.leave().await;
    }

    /// One look for news. On an error the lease is not renewed.
    pub async fn run_once(&mut self) -> Result<Round, SyncError> {
        if !self.loaded {
            self.load().await?;
        }
        let asked = self.clock.monotonic();
        let (id, applied) = (self.node.id, self.node.applied_seq);
        let beat = self
            .ask(QUERY_TIMEOUT, move |conn| nodes::beat(conn, id, applied))
            .await;
        let database_now = match beat {
            Err(SyncError::Db(DbError::NotFound)) => {
                let node = self.node.clone();
                self.ask(QUERY_TIMEOUT, move |conn| nodes::register(conn, &node))
                    .await?;
                return Ok(Round::More);
            }
            other => other?,
        };
        let news = self
            .ask(QUERY_TIMEOUT, move |conn| apply::read(conn, applied))
            .await?;
        let Some(news) = news else {
            self.loaded = false;
            return Ok(Round::More);
        };
        let (last, complete) = (news.last_seq, news.complete);
        apply::apply(&self.mirror.tables(), news);
        if last > applied {
            self.node.applied_seq = last;
            self.ask(QUERY_TIMEOUT, move |conn| nodes::beat(conn, id, last))
                .await?;
        }
        if !complete {
            return Ok(Round::More);
        }
        self.mirror.lease().renew(asked, database_now);
        Ok(Round::Current)
    }

    /// Loads everything aside and puts it in place. The node registers first, so that a change
    /// made during the load waits for this node to apply it.
    async fn load(&mut self) -> Result<(), SyncError> {
        self.node.applied_seq = 0;
        let node = self.node.clone();
        self.ask(QUERY_TIMEOUT, move |conn| nodes::register(conn, &node))
            .await?;
        let (tables, seq) = self.ask(LOAD_TIMEOUT, load::load).await?;
        tracing::info!(keys = tables.key_count(), seq, "the mirror is loaded");
        self.mirror.replace(tables);
        self.node.applied_seq = seq;
        self.loaded = true;
        Ok(())
    }

    async fn ask<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&mut diesel::PgConnection) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, SyncError> {
        match tokio::time::timeout(limit, self.db.run(work)).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(SyncError::Timeout(limit)),
        }
    }

    /// Ends the lease first: from here on nobody needs to wait for this node.
    async fn leave(&self) {
        self.mirror.lease().end();
        let id = self.node.id;
        if let Err(error) = self
            .ask(QUERY_TIMEOUT, move |conn| nodes::leave(conn, id))
            .await
        {
            tracing::debug!(%error, "could not take leave; the lease runs out by itself");
        }
    }
}
