//! What the handles, the flusher and the reader share.

use std::fs::File;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;
use uuid::Uuid;

use crate::domain::clock::SharedClock;
use crate::spool::Durability;
use crate::spool::LogFailure;
use crate::spool::SpoolConfig;
use crate::spool::SpoolUnavailable;
use crate::spool::batch::Batches;
use crate::spool::flusher::Work;
use crate::spool::frame;
use crate::spool::gap::Gap;
use crate::spool::record::Record;
use crate::spool::writer::Writer;

/// Of `bytes_max`, in percent: with more than this the operator is warned.
const NEARLY_FULL: u64 = 80;

pub struct Core {
    pub id: Uuid,
    pub config: SpoolConfig,
    pub clock: SharedClock,
    pub batches: Batches,
    pub writer: Writer,
    pub work: Work,
    pub gap: Mutex<Gap>,
    pub warned_of_nearly_full: AtomicBool,
    /// Held for as long as the spool is open.
    pub lock: File,
}

impl Drop for Core {
    fn drop(&mut self) {
        // Closing alone would not do: a child of this process that is just being started holds
        // the file for a moment too.
        let _ = self.lock.unlock();
    }
}

impl Core {
    pub fn write(&self, bytes: &[u8]) -> Result<(), SpoolUnavailable> {
        let end = self.writer.write(bytes)?;
        match self.config.durability {
            Durability::Process => Ok(()),
            Durability::Power => self.writer.sync_to(end),
        }
    }

    pub fn judged(&self, result: Result<(), SpoolUnavailable>) -> Result<(), SpoolUnavailable> {
        match (result, self.config.on_failure) {
            (Err(_), LogFailure::Allow) => {
                self.gap.lock().note(self.clock.now());
                self.work.expect();
                Ok(())
            }
            (result, _) => result,
        }
    }

    /// Writes what appends left behind and the gap, if there is one, and syncs.
    pub fn flush(&self) {
        self.batches.flush(|bytes| self.write(bytes));
        self.writer.sync();
        let missing = self.gap.lock().take();
        if let Some(record) = missing {
            let mut bytes = Vec::new();
            frame::encode(&Record::Gap(record), &mut bytes);
            match self.writer.write(&bytes) {
                Ok(_) => self.writer.sync(),
                Err(_) => self.gap.lock().put_back(record),
            }
        }
        self.warn_of_nearly_full();
    }

    fn warn_of_nearly_full(&self) {
        let (bytes, bytes_max) = (self.writer.bytes(), self.config.bytes_max);
        let nearly_full = bytes / NEARLY_FULL >= bytes_max / 100;
        if nearly_full && !self.warned_of_nearly_full.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                bytes,
                bytes_max,
                "the spool is filling up: Postgres does not take its records"
            );
        } else if !nearly_full {
            self.warned_of_nearly_full.store(false, Ordering::Relaxed);
        }
    }
}
