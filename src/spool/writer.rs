//! The active segment. Writing and syncing do not wait for each other; only a sync opens segments.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;

use crate::spool::Cursor;
use crate::spool::SpoolConfig;
use crate::spool::SpoolUnavailable;
use crate::spool::disk::Disk;
use crate::spool::disk::SegmentFile;
use crate::spool::segment;
use crate::spool::segment::Header;

/// Written but unsynced bytes are kept in memory, to be written again if the sync fails. A disk
/// that takes longer than this much traffic is a disk that fails.
const UNSYNCED_BYTES_MAX: usize = 64 * 1024 * 1024;

const PROBE_BYTES: usize = 4096;

/// A segment is lengthened by this much at once, ahead of its records, with a hole: a write that
/// lengthens its file changes the books of the file system too, and took half as long again.
const ROOM_BYTES: u64 = 1024 * 1024;

pub struct Writer {
    disk: Box<dyn Disk>,
    directory: PathBuf,
    bytes_max: u64,
    segment_bytes: u64,
    /// Held by the one who syncs; taken before `active`.
    syncing: Mutex<()>,
    active: Mutex<Active>,
    bytes: AtomicU64,
    failing: AtomicBool,
    sync_failures: AtomicU64,
}

struct Active {
    file: Arc<dyn SegmentFile>,
    number: u64,
    length: u64,
    /// Up to here the file has been lengthened, or less.
    room: u64,
    /// The reader goes no further: what is beyond may have to be written again, elsewhere.
    synced: u64,
    unsynced: Vec<u8>,
    /// The file can no longer be trusted and must be replaced.
    broken: bool,
    /// Bytes since the start, over all segments.
    written_total: u64,
    synced_total: u64,
}

impl Writer {
    pub fn open(disk: Box<dyn Disk>, config: &SpoolConfig) -> io::Result<Self> {
        let directory = config.directory.clone();
        let numbers = segment::list(&directory)?;
        let last = numbers.last().copied().unwrap_or_default();
        if last > 0 {
            segment::finish(&segment::path(&directory, last))?;
        }
        let mut bytes = 0;
        for number in &numbers {
            bytes += fs::metadata(segment::path(&directory, *number))?.len();
        }
        let header = Header {
            number: last + 1,
            previous_end: u64::MAX,
        };
        let file = segment::create(&*disk, &directory, header.number, &header.encode())?;
        let length = Header::LENGTH as u64;
        Ok(Self {
            disk,
            directory,
            bytes_max: config.bytes_max,
            segment_bytes: config.segment_bytes,
            syncing: Mutex::new(()),
            active: Mutex::new(Active {
                file,
                number: header.number,
                length,
                room: length,
                synced: length,
                unsynced: Vec::new(),
                broken: false,
                written_total: 0,
                synced_total: 0,
            }),
            bytes: AtomicU64::new(bytes + length),
            failing: AtomicBool::new(false),
            sync_failures: AtomicU64::new(0),
        })
    }

    /// Writes whole frames and tells their end, for `sync_to`.
    pub fn write(&self, frames: &[u8]) -> Result<u64, SpoolUnavailable> {
        if self.is_full() {
            return Err(SpoolUnavailable::Full);
        }
        let mut active = self.active.lock();
        if active.broken || active.unsynced.len() + frames.len() > UNSYNCED_BYTES_MAX {
            return Err(self.failed("the last sync has not succeeded"));
        }
        let written = frames.len() as u64;
        active.make_room(written);
        if let Err(error) = active.file.write_all_at(frames, active.length) {
            // A part may be there; nobody was promised it.
            active.broken = active.cut().is_err();
            return Err(self.failed(&error.to_string()));
        }
        active.length += written;
        active.written_total += written;
        active.unsynced.extend_from_slice(frames);
        self.bytes.fetch_add(written, Ordering::Relaxed);
        self.succeeded();
        Ok(active.written_total)
    }

    /// Syncs what was written up to `end`; several waiting threads share one sync.
    pub fn sync_to(&self, end: u64) -> Result<(), SpoolUnavailable> {
        let _one = self.syncing.lock();
        if self.active.lock().synced_total < end {
            self.sync_alone();
        }
        if self.active.lock().synced_total < end {
            return Err(SpoolUnavailable::Failed);
        }
        Ok(())
    }

    /// Syncs what was written, goes on to a new segment where the old one is long enough or
    /// cannot be trusted, and looks whether a disk that failed works again.
    pub fn sync(&self) {
        let _one = self.syncing.lock();
        self.sync_alone();
        if self.is_failing() {
            self.probe();
        }
    }

    /// The caller holds `syncing`.
    fn sync_alone(&self) {
        let (file, end) = {
            let active = self.active.lock();
            if active.synced == active.length && !self.must_replace(&active) {
                return;
            }
            let trusted = (!active.broken).then(|| Arc::clone(&active.file));
            (trusted, active.length)
        };
        // Not under the lock: requests go on writing meanwhile.
        let result = file.map_or(Ok(()), |file| file.sync());
        let mut active = self.active.lock();
        if let Err(error) = result {
            active.broken = true;
            self.sync_failures.fetch_add(1, Ordering::Relaxed);
            tracing::error!(segment = active.number, %error, "cannot sync the spool; its unsynced records go to a new segment");
        } else if !active.broken {
            active.synced_up_to(end);
        }
        if self.must_replace(&active)
            && let Err(error) = self.replace(&mut active)
        {
            self.failed(&error.to_string());
        }
    }

    fn must_replace(&self, active: &Active) -> bool {
        active.broken || active.length >= self.segment_bytes
    }

    /// Opens the next segment. What is not synced is written again there.
    fn replace(&self, active: &mut Active) -> io::Result<()> {
        let header = Header {
            number: active.number + 1,
            previous_end: active.synced,
        };
        let mut bytes = header.encode().to_vec();
        bytes.extend_from_slice(&active.unsynced);
        let next = segment::create(&*self.disk, &self.directory, header.number, &bytes)?;
        // The header of the next one tells the same; this is for who looks at the file's length.
        let _ = active.cut();
        active.file = next;
        active.number = header.number;
        active.length = bytes.len() as u64;
        active.room = active.length;
        active.synced = active.length;
        active.synced_total = active.written_total;
        active.unsynced = Vec::new();
        active.broken = false;
        self.bytes.fetch_add(active.length, Ordering::Relaxed);
        Ok(())
    }

    fn probe(&self) {
        let mut active = self.active.lock();
        if active.broken {
            return;
        }
        let written = active.file.write_all_at(&[0; PROBE_BYTES], active.length);
        let cut = active.cut();
        if written.is_ok() && cut.is_ok() {
            self.succeeded();
        }
    }

    /// Where the reader must stop: the active segment and how much of it is synced.
    pub fn published(&self) -> Cursor {
        let active = self.active.lock();
        Cursor {
            segment: active.number,
            position: active.synced,
        }
    }

    /// `bytes` were deleted.
    pub fn forgotten(&self, bytes: u64) {
        let less = |all: u64| Some(all.saturating_sub(bytes));
        let _ = self
            .bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub fn sync_failures(&self) -> u64 {
        self.sync_failures.load(Ordering::Relaxed)
    }

    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    pub fn is_healthy(&self) -> bool {
        !self.is_failing() && !self.is_full()
    }

    fn is_full(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) >= self.bytes_max
    }

    fn failed(&self, cause: &str) -> SpoolUnavailable {
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::error!(cause, "the spool cannot be written");
        }
        SpoolUnavailable::Failed
    }

    fn succeeded(&self) {
        if self.is_failing() && self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!("the spool can be written again");
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        // Whoever opens the spool again does it otherwise.
        let _ = self.cut();
    }
}

impl Active {
    /// Where that fails, the write lengthens the file.
    fn make_room(&mut self, bytes: u64) {
        let end = self.length + bytes;
        if end > self.room && self.file.truncate(end + ROOM_BYTES).is_ok() {
            self.room = end + ROOM_BYTES;
        }
    }

    /// Takes away what is beyond the records.
    fn cut(&mut self) -> io::Result<()> {
        self.room = self.length;
        self.file.truncate(self.length)
    }

    fn synced_up_to(&mut self, end: u64) {
        let synced = end - self.synced;
        self.unsynced.drain(
            ..usize::try_from(synced)
                .unwrap_or(usize::MAX)
                .min(self.unsynced.len()),
        );
        self.synced = end;
        self.synced_total += synced;
    }
}
