//! The files of a spool directory: numbered segments, the spool's identity, the lock.

use std::fs;
use std::fs::DirBuilder;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::FileExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use uuid::Uuid;

use crate::spool::disk::Disk;
use crate::spool::disk::SegmentFile;
use crate::spool::frame;

const MAGIC: &[u8; 8] = b"LKSPOOL1";
/// Looked at at once.
const BLOCK_BYTES: usize = 64 * 1024;

/// The first bytes of a segment: magic with the format's version, its number, where the segment
/// before it ends, CRC32 of all that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub number: u64,
    /// What lies behind this in the segment before was written again in this one. `u64::MAX`: the
    /// segment before is good to its end.
    pub previous_end: u64,
}

impl Header {
    pub const LENGTH: usize = 28;

    pub fn encode(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..16].copy_from_slice(&self.number.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.previous_end.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..24]);
        bytes[24..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (fields, crc) = bytes.get(..Self::LENGTH)?.split_at(24);
        let sound = crc32fast::hash(fields).to_le_bytes() == *crc && fields.starts_with(MAGIC);
        sound.then_some(Self {
            number: u64::from_le_bytes(fields[8..16].try_into().ok()?),
            previous_end: u64::from_le_bytes(fields[16..24].try_into().ok()?),
        })
    }

    /// `None` if the file has no sound header.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(Self::LENGTH);
        File::open(path)?
            .take(Self::LENGTH as u64)
            .read_to_end(&mut bytes)?;
        Ok(Self::decode(&bytes))
    }
}

pub fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:016}.log"))
}

/// The numbers of the segments there are, in order.
pub fn list(directory: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        if let Some(number) = name.to_str().and_then(|name| name.strip_suffix(".log"))
            && let Ok(number) = number.parse()
        {
            numbers.push(number);
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// A segment that starts with `bytes`, on the disk. It gets its name only when it is complete, so
/// that a header never promises records that a crash kept from being written.
pub fn create(
    disk: &dyn Disk,
    directory: &Path,
    number: u64,
    bytes: &[u8],
) -> io::Result<Arc<dyn SegmentFile>> {
    let unfinished = directory.join("next");
    let file = disk.create(&unfinished)?;
    file.write_all_at(bytes, 0)?;
    file.sync()?;
    fs::rename(unfinished, path(directory, number))?;
    sync_directory(directory)?;
    Ok(file)
}

/// Takes the hole away that a writer that was killed left ahead of its records, and syncs what the
/// kernel may still hold of them. As many zeros as one record can have stay: they may be its own.
pub fn finish(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let mut block = vec![0; BLOCK_BYTES];
    let mut end = length;
    while end > 0 {
        let part = usize::try_from(end).map_or(BLOCK_BYTES, |end| end.min(BLOCK_BYTES));
        let start = end - part as u64;
        file.read_exact_at(&mut block[..part], start)?;
        if let Some(last) = block[..part].iter().rposition(|byte| *byte != 0) {
            end = start + last as u64 + 1;
            break;
        }
        end = start;
    }
    let end = end + frame::FRAME_BYTES_MAX as u64;
    if end < length {
        file.set_len(end)?;
    }
    file.sync_data()
}

pub fn make_directory(directory: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

/// `None` if another process holds it.
pub fn lock(directory: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(directory.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The spool's name. A directory without segments is a new spool and gets the `fresh` one: its
/// numbers start again, and the cursor of the old numbers must not hide the new ones.
pub fn identity(directory: &Path, fresh: Uuid) -> io::Result<Uuid> {
    let path = directory.join("id");
    if !list(directory)?.is_empty()
        && let Ok(text) = fs::read_to_string(&path)
        && let Ok(id) = text.trim().parse()
    {
        return Ok(id);
    }
    let unfinished = directory.join("id.next");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    writeln!(file, "{fresh}")?;
    file.sync_all()?;
    fs::rename(unfinished, path)?;
    sync_directory(directory)?;
    Ok(fresh)
}

/// Makes names durable.
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
