use std::io;
use std::path::Path;
use std::sync::Arc;

use latchkey::domain::clock::SystemClock;
use latchkey::domain::random::OsRandom;
use latchkey::spool::Cursor;
use latchkey::spool::Durability;
use latchkey::spool::LogFailure;
use latchkey::spool::Spool;
use latchkey::spool::SpoolConfig;
use latchkey::spool::SpoolUnavailable;
use latchkey::spool::disk::Disk;
use latchkey::spool::disk::RealDisk;
use latchkey::spool::disk::SegmentFile;
use parking_lot::Mutex;

use super::append_all;
use super::image_of;
use super::numbered;
use super::open_in;
use super::read_all;
use super::read_from;
use super::read_what_is_there;

/// What goes wrong, until somebody puts it right.
#[derive(Default)]
struct Faults {
    /// Half of what is written arrives, then the disk is full.
    full: bool,
    no_new_files: bool,
    syncs_to_fail: u32,
}

#[derive(Clone, Default)]
struct FaultyDisk(Arc<Mutex<Faults>>);

struct FaultyFile {
    faults: Arc<Mutex<Faults>>,
    file: Arc<dyn SegmentFile>,
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        if self.0.lock().no_new_files {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(Arc::new(FaultyFile {
            faults: Arc::clone(&self.0),
            file: RealDisk.create(path)?,
        }))
    }
}

impl SegmentFile for FaultyFile {
    fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        if self.faults.lock().full {
            self.file
                .write_all_at(&bytes[..bytes.len() / 2], position)?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.write_all_at(bytes, position)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.file.truncate(length)
    }

    fn sync(&self) -> io::Result<()> {
        let mut faults = self.faults.lock();
        if faults.syncs_to_fail > 0 {
            faults.syncs_to_fail -= 1;
            return Err(io::Error::other("the disk lost it"));
        }
        drop(faults);
        self.file.sync()
    }
}

fn open_on(disk: &FaultyDisk, config: &SpoolConfig) -> Spool {
    Spool::open_on(
        Box::new(disk.clone()),
        config,
        SystemClock::shared(),
        &OsRandom,
    )
    .unwrap()
}

#[test]
fn a_full_disk_refuses_and_what_it_took_before_and_after_is_there_once() {
    let directory = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let spool = open_on(&disk, &SpoolConfig::new(directory.path()));
    append_all(&spool, 0..3);
    disk.0.lock().full = true;
    for _ in 0..3 {
        let refused = spool.append_blocking(&numbered(99));
        assert_eq!(refused, Err(SpoolUnavailable::Failed));
    }
    assert!(!spool.is_healthy());
    disk.0.lock().full = false;
    append_all(&spool, 3..5);
    assert!(spool.is_healthy());
    let found = read_all(&spool);
    assert_eq!(found.numbers, [0, 1, 2, 3, 4]);
    assert_eq!(found.damage.places, 0);
}

#[test]
fn a_disk_that_has_room_again_is_noticed_without_a_request() {
    let directory = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let spool = open_on(&disk, &SpoolConfig::new(directory.path()));
    disk.0.lock().full = true;
    assert!(spool.append_blocking(&numbered(99)).is_err());
    disk.0.lock().full = false;
    spool.sync();
    assert!(spool.is_healthy());
    assert!(read_all(&spool).numbers.is_empty());
}

#[test]
fn where_the_operator_allows_it_missing_records_are_counted_and_told() {
    let directory = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let config = SpoolConfig {
        on_failure: LogFailure::Allow,
        ..SpoolConfig::new(directory.path())
    };
    let spool = open_on(&disk, &config);
    disk.0.lock().full = true;
    append_all(&spool, 0..7);
    disk.0.lock().full = false;
    append_all(&spool, [7]);
    let found = read_all(&spool);
    assert_eq!(found.numbers, [7]);
    assert_eq!(found.gaps.iter().sum::<u64>(), 7);
}

#[test]
fn a_sync_that_fails_once_loses_and_doubles_nothing() {
    for durability in [Durability::Process, Durability::Power] {
        let directory = tempfile::tempdir().unwrap();
        let disk = FaultyDisk::default();
        let config = SpoolConfig {
            durability,
            ..SpoolConfig::new(directory.path())
        };
        let spool = open_on(&disk, &config);
        append_all(&spool, 0..3);
        spool.sync();
        disk.0.lock().syncs_to_fail = 1;
        append_all(&spool, 3..6);
        spool.sync();
        append_all(&spool, 6..9);
        assert_eq!(spool.sync_failures(), 1);
        let image = image_of(directory.path());
        for spool in [spool, open_in(image.path())] {
            assert_eq!(read_all(&spool).numbers, (0..9).collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_was_read_before_a_sync_failed_is_not_read_again() {
    for _ in 0..10 {
        let directory = tempfile::tempdir().unwrap();
        let disk = FaultyDisk::default();
        let spool = open_on(&disk, &SpoolConfig::new(directory.path()));
        append_all(&spool, 0..3);
        spool.sync();
        disk.0.lock().syncs_to_fail = 1;
        append_all(&spool, 3..6);
        let before = read_what_is_there(&spool, Cursor::START, 9);
        let after = read_from(&spool, before.next, 9);
        assert_eq!(spool.sync_failures(), 1);
        let all = [before.numbers, after.numbers].concat();
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
    }
}

#[test]
fn while_no_new_segment_can_replace_a_failed_one_records_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let disk = FaultyDisk::default();
    let spool = open_on(&disk, &SpoolConfig::new(directory.path()));
    append_all(&spool, 0..3);
    spool.sync();
    {
        let mut faults = disk.0.lock();
        faults.syncs_to_fail = 1;
        faults.no_new_files = true;
    }
    append_all(&spool, [3]);
    spool.sync();
    assert_eq!(
        spool.append_blocking(&numbered(4)),
        Err(SpoolUnavailable::Failed)
    );
    disk.0.lock().no_new_files = false;
    spool.sync();
    append_all(&spool, [5]);
    assert_eq!(read_all(&spool).numbers, [0, 1, 2, 3, 5]);
    assert_eq!(spool.sync_failures(), 1);
}
