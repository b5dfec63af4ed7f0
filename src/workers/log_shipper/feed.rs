//! Reads the spool chunk by chunk and makes of each what the database takes, while the database takes
//! the one before.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use diesel::PgConnection;

use crate::db::Db;
use crate::db::DbError;
use crate::db::meters;
use crate::db::request_log::Completion;
use crate::db::request_log::NewDetail;
use crate::db::request_log::NewLogRows;
use crate::domain::clock::SharedClock;
use crate::domain::log_retention::KeptDays;
use crate::domain::plan::MeterKind;
use crate::spool::Cursor;
use crate::spool::reader::Reader;
use crate::spool::record::CompletionRecord;
use crate::workers::log_shipper::ShipError;
use crate::workers::log_shipper::counted::Counted;
use crate::workers::log_shipper::fold::Folded;
use crate::workers::log_shipper::fold::fold;
use crate::workers::log_shipper::meter_tally::MeterTally;
use crate::workers::log_shipper::permissions::PermissionsUsed;
use crate::workers::log_shipper::references::References;
use crate::workers::log_shipper::references::clamped;
use crate::workers::log_shipper::tally::Tally;

type Kinds = Arc<BTreeMap<String, MeterKind>>;

/// What one read of the spool brought.
pub struct Chunk {
    pub log: NewLogRows,
    pub details: Vec<NewDetail>,
    /// Of rows that are stored already.
    pub completions: Vec<Completion>,
    pub counted: Counted,
}

pub struct Feed {
    pub reader: Reader,
    pub clock: SharedClock,
    pub kept: KeptDays,
    pub references: References,
    pub permissions: PermissionsUsed,
}

impl Feed {
    /// Hands over chunk after chunk from `from` on, until it has read `records_max` records, there are
    /// no more, nobody takes them, or with an error. If there is nothing to read, that is the one chunk.
    pub fn run(
        &mut self,
        db: &Db,
        from: Cursor,
        records_max: usize,
        chunks: &SyncSender<Result<Chunk, ShipError>>,
    ) {
        let (mut at, mut left) = (from, records_max);
        let mut kinds = None;
        self.references.forget_names();
        while left > 0 {
            let made = self.chunk(db, at, &mut left, &mut kinds);
            let more = made.as_ref().is_ok_and(|chunk| {
                at = chunk.counted.next;
                chunk.counted.more
            });
            if chunks.send(made).is_err() || !more {
                return;
            }
        }
    }

    fn chunk(
        &mut self,
        db: &Db,
        at: Cursor,
        left: &mut usize,
        kinds: &mut Option<Kinds>,
    ) -> Result<Chunk, ShipError> {
        let begun = self.clock.now();
        let batch = self.reader.read(at, *left)?;
        *left = left.saturating_sub(batch.records.len());
        let mut folded = fold(batch.records, self.kept.first_day(begun.date_naive()));
        let mut chunk = Chunk {
            log: NewLogRows::default(),
            details: Vec::new(),
            completions: folded.completions.iter().map(completion).collect(),
            counted: Counted {
                next: batch.next,
                more: batch.more,
                begun,
                tally: Tally::of(&folded.decisions),
                meters: MeterTally::default(),
                permissions: BTreeSet::new(),
                gaps: mem::take(&mut folded.gaps),
                records: folded.decisions.len() + folded.completions.len(),
                dropped: folded.dropped,
            },
        };
        if batch.next != at {
            db.run_blocking(|conn| self.look_up(conn, &folded, &mut chunk, kinds))?;
        }
        Ok(chunk)
    }

    /// Not in the transaction of the rows, so that no lock on a text outlives its statement: a text or
    /// a partition that nothing refers to yet harms nobody.
    fn look_up(
        &mut self,
        conn: &mut PgConnection,
        folded: &Folded,
        chunk: &mut Chunk,
        kinds: &mut Option<Kinds>,
    ) -> Result<(), DbError> {
        let today = chunk.counted.begun.date_naive();
        chunk.log = self.references.rows(conn, &folded.decisions, today)?;
        chunk.details = self.references.details(&folded.decisions)?;
        chunk.counted.permissions = self.permissions.unnoted(conn, &folded.decisions, today);
        let kinds = match kinds {
            Some(kinds) => Arc::clone(kinds),
            None => Arc::clone(kinds.insert(Arc::new(meters::kinds(conn)?))),
        };
        let mut meters = MeterTally::new(kinds);
        folded.decisions.iter().for_each(|one| meters.decide(one));
        folded.completions.iter().for_each(|one| meters.tell(one));
        chunk.counted.meters = meters;
        Ok(())
    }
}

fn completion(record: &CompletionRecord) -> Completion {
    Completion {
        at: record.at,
        key_id: record.key.to_string(),
        request_id: record.request_id.to_string(),
        status: record.status.cast_signed(),
        duration_us: clamped(record.duration_us),
        credits: clamped(record.credits),
    }
}
