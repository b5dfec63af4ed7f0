//! Brings the spool's records to Postgres: rows, rollups, last use and the spool's cursor in one
//! transaction, so that nothing is lost or doubled whenever either side stops.
//!
//! The spool is the queue. While Postgres is away it grows, and shipping goes on from its cursor.

mod backlog;
mod counted;
mod feed;
mod fold;
pub mod meter_tally;
mod permissions;
pub mod references;
mod store;
pub mod tally;
mod texts;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::DbError;
use crate::domain::clock::SharedClock;
use crate::domain::log_retention::KeptDays;
use crate::spool::Spool;
use crate::workers::log_shipper::store::Store;

pub use crate::workers::log_shipper::backlog::Backlog;

/// Records that one transaction takes at most, chunk by chunk. Fewer cost more each: what a batch
/// changes in the rows of its keys it changes once.
const BATCH_RECORDS: usize = 500_000;

/// How long a record waits when there is no full batch of them.
const SHIP_INTERVAL: Duration = Duration::from_secs(1);
const BACKOFF_FIRST: Duration = Duration::from_millis(200);
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shipped {
    /// Decisions and completions that are now in Postgres.
    pub records: usize,
    /// Whether there is more to ship at once.
    pub more: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ShipError {
    #[error("cannot read the spool: {0}")]
    Spool(#[from] io::Error),
    #[error("reading the spool broke off")]
    NotRead,
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("a step of the shipper stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

pub struct LogShipper {
    db: Db,
    spool: Spool,
    backlog: Backlog,
    store: Arc<Mutex<Store>>,
    batch_records: usize,
}

impl LogShipper {
    pub fn new(db: Db, spool: Spool, clock: SharedClock, kept: KeptDays) -> Self {
        let backlog = Backlog::new(spool.clone());
        let store = Store::new((&spool, backlog.clone()), clock, kept);
        Self {
            db,
            spool,
            backlog,
            store: Arc::new(Mutex::new(store)),
            batch_records: BATCH_RECORDS,
        }
    }

    /// How far behind the spool the request log is, for as long as this ships.
    pub fn backlog(&self) -> Backlog {
        self.backlog.clone()
    }

    /// With batches of another size.
    #[must_use]
    pub fn with_batches_of(mut self, records: usize) -> Self {
        self.batch_records = records;
        self
    }

    /// Ships until `stop`, then what is left if Postgres takes it. The last one to append should
    /// be done by then.
    pub async fn run(self, stop: CancellationToken) {
        let mut backoff = BACKOFF_FIRST;
        let mut failing = false;
        while !stop.is_cancelled() {
            let pause = match self.run_once().await {
                Ok(shipped) => {
                    if failing {
                        tracing::info!("the request log is shipped again");
                    }
                    (failing, backoff) = (false, BACKOFF_FIRST);
                    if shipped.more {
                        continue;
                    }
                    SHIP_INTERVAL
                }
                Err(error) => {
                    if !failing {
                        let backlog_bytes = self.spool.backlog_bytes();
                        tracing::warn!(%error, backlog_bytes, "the request log is not shipped");
                    }
                    failing = true;
                    let pause = backoff;
                    backoff = (backoff * 2).min(BACKOFF_MAX);
                    pause
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        if let Err(error) = self.drain().await {
            tracing::warn!(%error, "the rest of the request log stays in the spool until the next start");
        }
    }

    /// Ships everything that was appended so far.
    pub async fn drain(&self) -> Result<usize, ShipError> {
        let spool = self.spool.clone();
        tokio::task::spawn_blocking(move || spool.sync()).await?;
        let mut records = 0;
        loop {
            let shipped = self.run_once().await?;
            records += shipped.records;
            if !shipped.more {
                return Ok(records);
            }
        }
    }

    /// Ships one batch. After an error nothing is shipped, or everything; the next step finds out.
    pub async fn run_once(&self) -> Result<Shipped, ShipError> {
        let store = Arc::clone(&self.store);
        let (db, records_max) = (self.db.clone(), self.batch_records);
        tokio::task::spawn_blocking(move || store.lock().ship(&db, records_max)).await?
    }
}
