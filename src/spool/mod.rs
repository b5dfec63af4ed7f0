//! The request log's first home: an append-only file on this machine's disk.
//!
//! A decision is written here before its answer leaves, so neither `kill -9` nor an absent
//! Postgres loses it; `workers::log_shipper` brings it to Postgres from here.
//!
//! - **One write for many requests.** Each thread gathers the records of its ready requests in a
//!   [`batch`], and the first of them to go on writes all of them with one `write(2)`.
//! - **One sync for many writes.** The [`flusher`] thread syncs every 20 ms; with
//!   [`Durability::Power`] each write is synced before its answers instead.
//! - **Segments.** `<number>.log`, one after another; every start opens a new one, so what a crash
//!   tore stays where it was and the [`reader`] steps over it. A segment that could not be synced
//!   is never tried again: its unsynced records are written anew to the next one, whose header
//!   says where the old one ends.

mod batch;
mod core;
pub mod disk;
mod flusher;
mod frame;
mod gap;
pub mod reader;
pub mod record;
mod segment;
mod writer;

use std::future::poll_fn;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::Poll;

use parking_lot::Mutex;
use uuid::Uuid;

pub use crate::config::Durability;
pub use crate::config::LogFailure;
use crate::domain::clock::SharedClock;
use crate::domain::random::NoRandomness;
use crate::domain::random::Random;
use crate::spool::batch::Batches;
use crate::spool::core::Core;
use crate::spool::disk::Disk;
use crate::spool::disk::RealDisk;
use crate::spool::flusher::Flusher;
use crate::spool::flusher::Work;
use crate::spool::gap::Gap;
use crate::spool::reader::Reader;
use crate::spool::record::Record;
use crate::spool::writer::Writer;

pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
pub const SPOOL_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

#[derive(Debug, Clone)]
pub struct SpoolConfig {
    /// Made with mode 0700 where it is missing.
    pub directory: PathBuf,
    pub durability: Durability,
    pub on_failure: LogFailure,
    /// With this much not yet shipped, no more records are taken.
    pub bytes_max: u64,
    /// A segment that has grown beyond this is followed by a new one.
    pub segment_bytes: u64,
}

impl SpoolConfig {
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            durability: Durability::Process,
            on_failure: LogFailure::Deny,
            bytes_max: SPOOL_BYTES_MAX,
            segment_bytes: SEGMENT_BYTES,
        }
    }
}

/// A place in the spool, between two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub segment: u64,
    /// Bytes from the segment's beginning.
    pub position: u64,
}

impl Cursor {
    /// Before everything.
    pub const START: Self = Self {
        segment: 0,
        position: 0,
    };
}

/// The spool cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error("the spool in {0} is in use by another process; give each its own data directory")]
    InUse(PathBuf),
    #[error("cannot use the spool in {directory}: {cause}")]
    Disk {
        directory: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The record is not written, so the answer must not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpoolUnavailable {
    #[error("the spool is full: Postgres has not taken its records for too long")]
    Full,
    #[error("the spool cannot be written")]
    Failed,
}

/// A cheap handle. The last one to go syncs what is written.
#[derive(Clone)]
pub struct Spool {
    core: Arc<Core>,
    // Stops the thread when the last handle goes.
    _flusher: Arc<Flusher>,
}

impl Spool {
    pub fn open(
        config: &SpoolConfig,
        clock: SharedClock,
        random: &dyn Random,
    ) -> Result<Self, SpoolError> {
        Self::open_on(Box::new(RealDisk), config, clock, random)
    }

    /// As `open`, on a disk of the caller's: tests bring one that fails.
    pub fn open_on(
        disk: Box<dyn Disk>,
        config: &SpoolConfig,
        clock: SharedClock,
        random: &dyn Random,
    ) -> Result<Self, SpoolError> {
        let failed = |cause| SpoolError::Disk {
            directory: config.directory.clone(),
            cause,
        };
        segment::make_directory(&config.directory).map_err(failed)?;
        let lock = segment::lock(&config.directory)
            .map_err(failed)?
            .ok_or_else(|| SpoolError::InUse(config.directory.clone()))?;
        let fresh = crate::domain::random::uuid(random)?;
        let id = segment::identity(&config.directory, fresh).map_err(failed)?;
        let writer = Writer::open(disk, config).map_err(failed)?;
        let core = Arc::new(Core {
            id,
            config: config.clone(),
            clock,
            batches: Batches::new(),
            writer,
            work: Work::default(),
            gap: Mutex::new(Gap::default()),
            warned_of_nearly_full: AtomicBool::new(false),
            lock,
        });
        let flusher = Flusher::start(&core).map_err(failed)?;
        Ok(Self {
            core,
            _flusher: Arc::new(flusher),
        })
    }

    /// Done when the record is written (with `Durability::Power`: synced). Nothing of the record is
    /// kept for the wait. Dropping the future harms nobody; the record is written all the same.
    pub fn append(
        &self,
        record: &Record<'_>,
    ) -> impl Future<Output = Result<(), SpoolUnavailable>> + use<'_> {
        let batch = self.core.batches.of_this_thread();
        let ticket = batch.join(record);
        self.core.work.expect();
        async move {
            after_the_ready().await;
            self.core
                .judged(batch.settle(&ticket, |bytes| self.core.write(bytes)))
        }
    }

    /// As `append`, for threads that may block. Gathers nothing.
    pub fn append_blocking(&self, record: &Record<'_>) -> Result<(), SpoolUnavailable> {
        let batch = self.core.batches.of_this_thread();
        let ticket = batch.join(record);
        self.core.work.expect();
        self.core
            .judged(batch.settle(&ticket, |bytes| self.core.write(bytes)))
    }

    /// Writes and syncs everything that was appended so far, so that a reader sees it.
    pub fn sync(&self) {
        self.core.flush();
    }

    /// The name under which Postgres keeps this spool's cursor.
    pub fn id(&self) -> Uuid {
        self.core.id
    }

    /// Whether the next record would be taken. Comes true again by itself when the disk recovers.
    pub fn is_healthy(&self) -> bool {
        self.core.writer.is_healthy()
    }

    /// What lies on the disk, shipped or not, in segments that are not yet deleted.
    pub fn backlog_bytes(&self) -> u64 {
        self.core.writer.bytes()
    }

    /// How often a segment could not be synced and was replaced.
    pub fn sync_failures(&self) -> u64 {
        self.core.writer.sync_failures()
    }

    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.core))
    }
}

/// Lets the other ready requests of this thread add their records. tokio's own `yield_now` looks at
/// the sockets first and wakes the task after it, which costs a connection one more look at nothing.
async fn after_the_ready() {
    let mut has_waited = false;
    poll_fn(|cx| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
