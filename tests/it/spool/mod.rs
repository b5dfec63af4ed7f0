//! The spool: nothing lost, nothing doubled, nothing believed that is not sound.

mod append;
mod failing_disk;
mod recovery;

use std::borrow::Cow;
use std::path::Path;

use chrono::DateTime;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::endpoint::Method;
use latchkey::domain::endpoint::Surface;
use latchkey::domain::random::OsRandom;
use latchkey::domain::request_id::RequestId;
use latchkey::spool::Cursor;
use latchkey::spool::Spool;
use latchkey::spool::SpoolConfig;
use latchkey::spool::SpoolError;
use latchkey::spool::reader::Damage;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;

pub fn open(config: &SpoolConfig) -> Result<Spool, SpoolError> {
    Spool::open(config, SystemClock::shared(), &OsRandom)
}

pub fn open_in(directory: &Path) -> Spool {
    open(&SpoolConfig::new(directory)).unwrap()
}

/// A record that is told from others by `number`.
pub fn numbered(number: u32) -> Record<'static> {
    let at = DateTime::from_timestamp_micros(1_795_000_000_000_000 + i64::from(number)).unwrap();
    Record::Decision(DecisionRecord {
        at,
        request_id: RequestId::generate(at, &OsRandom).unwrap(),
        account: AccountId(1),
        workspace: WorkspaceId(2),
        key: "4fZk0QpL9aBc".parse::<ApiKeyId>().unwrap(),
        generation: 1,
        surface: Surface::Verify,
        method: Some(Method::Post),
        path: Cow::Borrowed("/v1/documents"),
        agent: Cow::Borrowed("curl/8.5.0"),
        ip: Some("203.0.113.9".parse().unwrap()),
        denied: None,
        detail: Cow::Borrowed(""),
        status: Some(200),
        duration_us: Some(12),
        credits: number,
        meters: Vec::new(),
    })
}

/// Everything that a reader finds from `from` on.
pub struct Found {
    pub numbers: Vec<u32>,
    pub gaps: Vec<u64>,
    pub damage: Damage,
    pub next: Cursor,
}

pub fn read_from(spool: &Spool, from: Cursor, records_max: usize) -> Found {
    spool.sync();
    read_what_is_there(spool, from, records_max)
}

pub fn read_what_is_there(spool: &Spool, from: Cursor, records_max: usize) -> Found {
    let mut found = Found {
        numbers: Vec::new(),
        gaps: Vec::new(),
        damage: Damage::default(),
        next: from,
    };
    let mut reader = spool.reader();
    loop {
        let batch = reader.read(found.next, records_max).unwrap();
        assert!(batch.records.len() <= records_max);
        found.damage.places += batch.damage.places;
        found.damage.bytes += batch.damage.bytes;
        found.damage.unknown += batch.damage.unknown;
        for record in batch.records {
            match record {
                Record::Decision(decision) => found.numbers.push(decision.credits),
                Record::Gap(gap) => found.gaps.push(gap.records),
                Record::Completion(_) => panic!("nobody wrote one"),
            }
        }
        found.next = batch.next;
        if !batch.more {
            return found;
        }
    }
}

pub fn read_all(spool: &Spool) -> Found {
    read_from(spool, Cursor::START, 7)
}

pub fn append_all(spool: &Spool, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        spool.append_blocking(&numbered(number)).unwrap();
    }
}

/// What `kill -9` would leave: the files as they are now.
pub fn image_of(directory: &Path) -> tempfile::TempDir {
    let image = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), image.path().join(entry.file_name())).unwrap();
    }
    image
}

/// The segments in order.
pub fn segments(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "log"))
        .collect();
    paths.sort();
    paths
}
