//! Records back from the disk, in the order they were written, from a cursor on.

use std::fs;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::spool::Cursor;
use crate::spool::core::Core;
use crate::spool::frame;
use crate::spool::record;
use crate::spool::record::Record;
use crate::spool::segment;
use crate::spool::segment::Header;

/// Read at once, where there is so much: as much as is to be in memory at a time. Some thirty thousand
/// records of the usual length, and two thousand of the longest.
const WINDOW_BYTES: u64 = 4 * 1024 * 1024;

/// Records of one segment.
#[derive(Debug)]
pub struct ReadBatch {
    pub records: Vec<Record<'static>>,
    /// Where to read on when these are stored.
    pub next: Cursor,
    /// Whether there is something to read there already.
    pub more: bool,
    pub damage: Damage,
}

/// What could not be read and was stepped over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Damage {
    /// Stretches of bytes that are no sound record: a tail torn by a crash, a flipped bit.
    pub places: u64,
    pub bytes: u64,
    /// Sound records of a kind that only another version of Latchkey knows.
    pub unknown: u64,
}

/// Reads while the spool is written, each of any number of readers at its own cursor.
pub struct Reader {
    core: Arc<Core>,
    /// Damage before this place has been told.
    told: Cursor,
}

impl Reader {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            told: Cursor::START,
        }
    }

    /// At most `records_max` records from `from` on, as far as they are synced.
    pub fn read(&mut self, from: Cursor, records_max: usize) -> io::Result<ReadBatch> {
        let published = self.core.writer.published();
        let mut at = from;
        loop {
            let Some(found) = self.at_or_after(at, published)? else {
                return Ok(ReadBatch::empty(at));
            };
            at = found;
            let limit = self.limit(at.segment, published)?;
            let batch = self.read_segment(at, limit, records_max)?;
            self.tell(at, &batch);
            let ended = batch.next.position >= limit && at.segment < published.segment;
            let more = batch.next.position < limit || ended;
            if batch.records.is_empty() && more {
                at = if ended { after(at) } else { batch.next };
                continue;
            }
            let next = if ended { after(at) } else { batch.next };
            return Ok(ReadBatch {
                next,
                more,
                ..batch
            });
        }
    }

    /// Deletes the segments that lie wholly before `shipped`.
    pub fn forget(&self, shipped: Cursor) -> io::Result<()> {
        let directory = &self.core.config.directory;
        let end = shipped.segment.min(self.core.writer.published().segment);
        for number in segment::list(directory)? {
            if number < end {
                let path = segment::path(directory, number);
                let bytes = fs::metadata(&path)?.len();
                fs::remove_file(path)?;
                self.core.writer.forgotten(bytes);
            }
        }
        Ok(())
    }

    /// `at`, or the beginning of the first segment after it if `at` is in none.
    fn at_or_after(&self, at: Cursor, published: Cursor) -> io::Result<Option<Cursor>> {
        let number = segment::list(&self.core.config.directory)?
            .into_iter()
            .find(|number| *number >= at.segment)
            .filter(|number| *number <= published.segment);
        Ok(number.map(|number| {
            if number == at.segment {
                at
            } else {
                beginning(number)
            }
        }))
    }

    /// Where the good part of a segment ends.
    fn limit(&self, number: u64, published: Cursor) -> io::Result<u64> {
        if number == published.segment {
            return Ok(published.position);
        }
        let directory = &self.core.config.directory;
        let length = fs::metadata(segment::path(directory, number))?.len();
        let next = match Header::read(&segment::path(directory, number + 1)) {
            Ok(header) => header,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(next.map_or(length, |header| length.min(header.previous_end)))
    }

    fn read_segment(&self, from: Cursor, limit: u64, records_max: usize) -> io::Result<ReadBatch> {
        let file = File::open(segment::path(&self.core.config.directory, from.segment))?;
        let mut batch = ReadBatch::empty(from);
        if from.position == 0 {
            let mut header = [0; Header::LENGTH];
            let sound = file.read_exact_at(&mut header, 0).is_ok();
            if sound && Header::decode(&header).is_some() {
                batch.next.position = Header::LENGTH as u64;
            }
        }
        let start = batch.next.position;
        let length = limit.saturating_sub(start).min(WINDOW_BYTES);
        let mut window = vec![0; usize::try_from(length).unwrap_or_default()];
        file.read_exact_at(&mut window, start)?;
        let read = batch.take_from(&window, start + length == limit, records_max);
        batch.next.position += read as u64;
        Ok(batch)
    }

    /// Says once what was stepped over, however often it is read.
    fn tell(&mut self, at: Cursor, batch: &ReadBatch) {
        if batch.damage != Damage::default() && self.told <= at {
            let Damage {
                places,
                bytes,
                unknown,
            } = batch.damage;
            metrics::counter!("latchkey_spool_damage_total").increment(places + unknown);
            tracing::warn!(
                segment = at.segment,
                places,
                bytes,
                unknown,
                "stepped over records of the spool that cannot be read"
            );
        }
        self.told = self.told.max(batch.next);
    }
}

impl ReadBatch {
    fn empty(next: Cursor) -> Self {
        Self {
            records: Vec::new(),
            next,
            more: false,
            damage: Damage::default(),
        }
    }

    /// Takes records from `window` and tells how many of its bytes are done with. Unless the
    /// window is the `last`, its end may be the beginning of a frame.
    fn take_from(&mut self, window: &[u8], last: bool, records_max: usize) -> usize {
        let mut read = 0;
        let mut damaged = false;
        while read < window.len() && self.records.len() < records_max {
            let rest = &window[read..];
            if let Some(payload) = frame::payload(rest) {
                match record::decode(payload) {
                    Some(record) => self.records.push(record),
                    None => self.damage.unknown += 1,
                }
                damaged = false;
                read += frame::length_of(payload);
            } else if !last && rest.len() < frame::FRAME_BYTES_MAX {
                break;
            } else if last && !damaged && rest.iter().all(|byte| *byte == 0) {
                // Made for records that did not come.
                return window.len();
            } else {
                // The next sound frame may begin at any byte.
                self.damage.places += u64::from(!damaged);
                self.damage.bytes += 1;
                damaged = true;
                read += 1;
            }
        }
        read
    }
}

fn beginning(segment: u64) -> Cursor {
    Cursor {
        segment,
        position: 0,
    }
}

fn after(at: Cursor) -> Cursor {
    beginning(at.segment + 1)
}
