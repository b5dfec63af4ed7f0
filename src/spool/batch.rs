//! The records of one thread's ready requests, gathered for one write.
//!
//! There is no list of waiters. Whoever goes on first and finds its batch not yet written writes
//! it for all; the others find it done. A request that is dropped half-way leaves its record
//! behind, and the next one, or the flusher, writes it.

use std::cell::Cell;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;

use crate::spool::SpoolUnavailable;
use crate::spool::frame;
use crate::spool::record::Record;

/// More than there are worker threads. Two threads that share a batch are slower, not wrong.
const BATCHES: usize = 64;

/// A buffer that has grown beyond this is given back after its write.
const BUFFER_BYTES_KEPT: usize = 256 * 1024;

pub struct Batches(Vec<Batch>);

impl Batches {
    pub fn new() -> Self {
        Self((0..BATCHES).map(|_| Batch::default()).collect())
    }

    pub fn of_this_thread(&self) -> &Batch {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
        }
        let number = NUMBER.get().unwrap_or_else(|| {
            let number = THREADS.fetch_add(1, Ordering::Relaxed);
            NUMBER.set(Some(number));
            number
        });
        &self.0[number % BATCHES]
    }

    /// Writes what no request came back for.
    pub fn flush(&self, mut write: impl FnMut(&[u8]) -> Result<(), SpoolUnavailable>) {
        for batch in &self.0 {
            // Whoever gathered it reads the outcome on its ticket.
            let _ = batch.gathering.lock().flush(&mut write);
        }
    }
}

#[derive(Default)]
pub struct Batch {
    gathering: Mutex<Gathering>,
}

#[derive(Default)]
struct Gathering {
    bytes: Vec<u8>,
    outcome: Arc<Outcome>,
}

/// What became of the batch that a record joined.
#[derive(Default)]
pub struct Outcome(AtomicU8);

const WAITING: u8 = 0;
const WRITTEN: u8 = 1;
const FULL: u8 = 2;
const FAILED: u8 = 3;

impl Batch {
    pub fn join(&self, record: &Record<'_>) -> Arc<Outcome> {
        let mut gathering = self.gathering.lock();
        frame::encode(record, &mut gathering.bytes);
        Arc::clone(&gathering.outcome)
    }

    /// Tells what became of the batch behind `ticket`, after writing it if nobody has.
    pub fn settle(
        &self,
        ticket: &Outcome,
        write: impl FnOnce(&[u8]) -> Result<(), SpoolUnavailable>,
    ) -> Result<(), SpoolUnavailable> {
        if let Some(result) = ticket.result() {
            return result;
        }
        let mut gathering = self.gathering.lock();
        // Written while this one waited for the lock?
        if let Some(result) = ticket.result() {
            return result;
        }
        gathering.flush(write)
    }
}

impl Gathering {
    fn flush(
        &mut self,
        write: impl FnOnce(&[u8]) -> Result<(), SpoolUnavailable>,
    ) -> Result<(), SpoolUnavailable> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let result = write(&self.bytes);
        mem::take(&mut self.outcome).set(result);
        self.bytes.clear();
        self.bytes.shrink_to(BUFFER_BYTES_KEPT);
        result
    }
}

impl Outcome {
    fn result(&self) -> Option<Result<(), SpoolUnavailable>> {
        match self.0.load(Ordering::Acquire) {
            WAITING => None,
            WRITTEN => Some(Ok(())),
            FULL => Some(Err(SpoolUnavailable::Full)),
            _ => Some(Err(SpoolUnavailable::Failed)),
        }
    }

    fn set(&self, result: Result<(), SpoolUnavailable>) {
        let state = match result {
            Ok(()) => WRITTEN,
            Err(SpoolUnavailable::Full) => FULL,
            Err(SpoolUnavailable::Failed) => FAILED,
        };
        self.0.store(state, Ordering::Release);
    }
}
