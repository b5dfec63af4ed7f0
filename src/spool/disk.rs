//! What the spool asks of a disk, small enough for a test to bring one that fails.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

pub trait Disk: Send + Sync {
    /// A new, empty file that only its owner may read.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>>;
}

pub trait SegmentFile: Send + Sync {
    fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()>;
    fn truncate(&self, length: u64) -> io::Result<()>;
    /// As `fdatasync`: after an error nothing is known of the file's unsynced bytes.
    fn sync(&self) -> io::Result<()>;
}

/// The machine's own.
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        Ok(Arc::new(file))
    }
}

impl SegmentFile for File {
    fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        FileExt::write_all_at(self, bytes, position)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}
