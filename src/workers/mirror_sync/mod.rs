//! Keeps the mirror true: loads everything once, then applies `key_changes`.
//!
//! The poll is the truth, `NOTIFY` only wakes it early. Each round writes the node's heartbeat
//! *before* it reads, and the mirror's lease is counted from before that: whoever finds the
//! heartbeat older than the lease may therefore be sure that this node has stopped deciding.

mod apply;
mod catalogue;
mod common;
mod endings;
mod key;
mod link;
mod listen;
mod load;
mod members;
mod mend;
mod vitals;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::db::Db;
use crate::db::DbError;
use crate::db::mirror;
use crate::db::nodes;
use crate::db::nodes::NodeRow;
use crate::domain::clock::SharedClock;
use crate::verify::mirror::Mirror;
use crate::workers::log_shipper::Backlog;
use crate::workers::mirror_sync::endings::Endings;
use crate::workers::mirror_sync::endings::EndingsFile;
use crate::workers::mirror_sync::link::Link;

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
    link: Link,
    mirror: Mirror,
    clock: SharedClock,
    node: NodeRow,
    backlog: Option<Backlog>,
    endings: Endings,
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
            link: Link::new(db),
            mirror,
            clock,
            node,
            backlog: None,
            endings: Endings::default(),
            loaded: false,
            wake: Arc::new(Notify::new()),
        }
    }

    /// With news of the spool in each heartbeat.
    #[must_use]
    pub fn with_backlog(mut self, backlog: Backlog) -> Self {
        self.backlog = Some(backlog);
        self
    }

    /// Keeps beside the database which keys have ended, in the data directory.
    #[must_use]
    pub fn with_endings(mut self, data_dir: &Path) -> Self {
        self.endings = Endings::in_file(EndingsFile::in_dir(data_dir));
        self
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
        let applied = self.node.applied_seq;
        let database_now = match self.beat().await {
            Err(SyncError::Db(DbError::NotFound)) => {
                let node = self.node.clone();
                let register = move |conn: &mut PgConnection| nodes::register(conn, &node);
                self.link.ask(QUERY_TIMEOUT, register).await?;
                return Ok(Round::More);
            }
            Ok(None) => {
                tracing::warn!("the database is not the one that was followed, or an older copy");
                return Ok(self.lost());
            }
            Ok(Some(now)) => now,
            Err(error) => return Err(error),
        };
        let news = self
            .link
            .ask(QUERY_TIMEOUT, move |conn| apply::read(conn, applied))
            .await?;
        let Some(news) = news else {
            return Ok(self.lost());
        };
        let (last, complete) = (news.last, news.complete);
        if last.is_some() {
            self.endings.note(&news).await;
        }
        for (scope, network) in &news.lifted {
            self.mirror.ip_blocks().lift(*scope, *network);
        }
        apply::apply(&self.mirror.tables(), news);
        if let Some(last) = last {
            self.node.applied_seq = last.seq;
            if self.beat().await?.is_none() {
                return Ok(self.lost());
            }
        }
        if !complete {
            return Ok(Round::More);
        }
        self.mirror.lease().renew(asked, database_now);
        Ok(Round::Current)
    }

    /// Everything has to be read anew.
    fn lost(&mut self) -> Round {
        self.loaded = false;
        Round::More
    }

    /// Says that this node lives, and tells the database's time. `None`, and nothing is said, if the
    /// database does not have what was heard of it.
    async fn beat(&mut self) -> Result<Option<DateTime<Utc>>, SyncError> {
        let (id, applied) = (self.node.id, self.node.applied_seq);
        let vitals = vitals::take(&self.mirror.tables(), self.backlog.as_ref());
        let mark = self.endings.mark();
        let beat = move |conn: &mut PgConnection| {
            if let Some(mark) = mark
                && !mirror::holds(conn, mark)?
            {
                return Ok(None);
            }
            nodes::beat(conn, id, applied, &vitals).map(Some)
        };
        self.link.ask(QUERY_TIMEOUT, beat).await
    }

    /// Loads everything aside and puts it in place. Until its next look for news the node decides
    /// nothing, so that nobody needs to wait for it.
    async fn load(&mut self) -> Result<(), SyncError> {
        self.mirror.lease().end();
        self.node.applied_seq = 0;
        let node = self.node.clone();
        let register = move |conn: &mut PgConnection| nodes::register_loading(conn, &node);
        self.link.ask(QUERY_TIMEOUT, register).await?;
        let (mut tables, mut last, mut survey) = self.read_all().await?;
        if survey.is_restored() {
            self.mend(&survey, last).await?;
            (tables, last, survey) = self.read_all().await?;
        }
        let seq = last.map_or(0, |last| last.seq);
        self.endings.keep(survey, last).await;
        let unreadable = tables.unreadable().count();
        tracing::info!(
            keys = tables.keys().count(),
            unreadable,
            seq,
            "the mirror is loaded"
        );
        self.mirror.replace(tables);
        self.mirror.ip_blocks().clear();
        self.node.applied_seq = seq;
        self.loaded = true;
        Ok(())
    }

    /// Ends the lease first: from here on nobody needs to wait for this node.
    async fn leave(&mut self) {
        self.mirror.lease().end();
        let id = self.node.id;
        let leave = move |conn: &mut PgConnection| nodes::leave(conn, id);
        if let Err(error) = self.link.ask(QUERY_TIMEOUT, leave).await {
            tracing::debug!(%error, "could not take leave; the lease runs out by itself");
        }
    }
}
