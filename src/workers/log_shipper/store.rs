//! One step: a batch of the spool, stored chunk by chunk in one transaction with the cursor, while the
//! next chunk is made ready.

use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use diesel::Connection;
use diesel::PgConnection;
use uuid::Uuid;

use crate::db::Db;
use crate::db::DbError;
use crate::db::key_use;
use crate::db::limits;
use crate::db::log_gaps;
use crate::db::log_gaps::LogGap;
use crate::db::meter_usage;
use crate::db::permission_uses;
use crate::db::request_log;
use crate::db::spool_cursors;
use crate::db::spool_cursors::Position;
use crate::db::usage;
use crate::domain::clock::SharedClock;
use crate::domain::log_retention::KeptDays;
use crate::domain::meter::MeterSource;
use crate::spool::Cursor;
use crate::spool::Spool;
use crate::spool::record::GapRecord;
use crate::workers::log_shipper::ShipError;
use crate::workers::log_shipper::Shipped;
use crate::workers::log_shipper::backlog::Backlog;
use crate::workers::log_shipper::counted::Counted;
use crate::workers::log_shipper::feed::Chunk;
use crate::workers::log_shipper::feed::Feed;
use crate::workers::log_shipper::permissions::PermissionsUsed;
use crate::workers::log_shipper::references::References;

/// Sums of a batch: with more than this it ends, however few its records are.
const SUMS_MAX: usize = 100_000;

/// How long a transaction waits for the next chunk before it ends with those that it has. What makes
/// the chunk may be waiting for somebody who waits for this transaction.
const CHUNK_PATIENCE: Duration = Duration::from_secs(1);

type Chunks = Receiver<Result<Chunk, ShipError>>;

pub struct Store {
    spool: Uuid,
    feed: Feed,
    backlog: Backlog,
    /// `None` when only Postgres knows: at the start and after any error.
    cursor: Option<Cursor>,
}

impl Store {
    pub fn new((spool, backlog): (&Spool, Backlog), clock: SharedClock, kept: KeptDays) -> Self {
        let feed = Feed {
            reader: spool.reader(),
            clock,
            kept,
            references: References::default(),
            permissions: PermissionsUsed::default(),
        };
        Self {
            spool: spool.id(),
            feed,
            backlog,
            cursor: None,
        }
    }

    pub fn ship(&mut self, db: &Db, records_max: usize) -> Result<Shipped, ShipError> {
        let result = self.try_to_ship(db, records_max);
        if result.is_err() {
            // Whether the transaction was committed, and what was dropped or restored meanwhile,
            // only Postgres knows.
            self.cursor = None;
            self.feed.references.forget();
            self.feed.permissions.forget();
        }
        result
    }

    fn try_to_ship(&mut self, db: &Db, records_max: usize) -> Result<Shipped, ShipError> {
        let from = match self.cursor {
            Some(cursor) => cursor,
            None => self.find_cursor(db)?,
        };
        let (spool, feed) = (self.spool, &mut self.feed);
        let counted = thread::scope(|scope| {
            // One chunk is stored while the next one is made, and no third one is in memory.
            let (made, chunks) = mpsc::sync_channel(0);
            scope.spawn(move || feed.run(db, from, records_max, &made));
            store_batch(db, (spool, from), &chunks)
        })?;
        let Counted { next, more, .. } = counted;
        if next != from {
            let unknown = counted.meters.unknown();
            metrics::counter!("latchkey_meters_unknown_total").increment(unknown);
            self.cursor = Some(next);
            self.forget(next);
        }
        self.backlog.shipped(next, (!more).then_some(counted.begun));
        tell(&counted);
        self.feed.permissions.note(counted.permissions);
        Ok(Shipped {
            records: counted.records,
            more,
        })
    }

    fn find_cursor(&mut self, db: &Db) -> Result<Cursor, ShipError> {
        let found = db.run_blocking(|conn| spool_cursors::find(conn, self.spool))?;
        let cursor = Cursor {
            segment: found.segment.cast_unsigned(),
            position: found.position.cast_unsigned(),
        };
        self.cursor = Some(cursor);
        // The process may have ended between a commit and this.
        self.forget(cursor);
        Ok(cursor)
    }

    /// What cannot be deleted takes room, no more: it is tried again with the next batch.
    fn forget(&self, shipped: Cursor) {
        if let Err(error) = self.feed.reader.forget(shipped) {
            tracing::warn!(%error, "cannot delete what is shipped from the spool");
        }
    }
}

/// Waits for the first chunk as long as it takes: nothing is held meanwhile.
fn store_batch(
    db: &Db,
    (spool, from): (Uuid, Cursor),
    chunks: &Chunks,
) -> Result<Counted, ShipError> {
    let first = chunks.recv().map_err(|_| ShipError::NotRead)??;
    if first.counted.next == from {
        return Ok(first.counted);
    }
    let stored = db.run_blocking(|conn| {
        conn.transaction(|conn| {
            spool_cursors::hold(conn, spool, position(from))?;
            let mut counted = store_chunk(conn, first)?;
            while counted.more && counted.sums() < SUMS_MAX {
                // An error is met again as the first thing of the next batch.
                let Ok(Ok(chunk)) = chunks.recv_timeout(CHUNK_PATIENCE) else {
                    break;
                };
                counted.add(store_chunk(conn, chunk)?);
            }
            store_counted(conn, spool, &counted)?;
            Ok(counted)
        })
    });
    Ok(stored?)
}

/// The rows. What completions change of rows that are stored already is counted, too.
fn store_chunk(conn: &mut PgConnection, chunk: Chunk) -> Result<Counted, DbError> {
    request_log::append(conn, &chunk.log)?;
    request_log::append_details(conn, &chunk.details)?;
    let mut counted = chunk.counted;
    for row in request_log::complete(conn, &chunk.completions)? {
        counted.tally.complete(&row);
        counted.meters.complete(&row);
    }
    Ok(counted)
}

/// The keys' rows and the counters come last, so that nobody waits for them longer than a commit.
fn store_counted(conn: &mut PgConnection, spool: Uuid, counted: &Counted) -> Result<(), DbError> {
    let Counted { tally, meters, .. } = counted;
    spool_cursors::advance(conn, spool, position(counted.next))?;
    log_gaps::note(
        conn,
        spool,
        &counted.gaps.iter().map(gap).collect::<Vec<_>>(),
    )?;
    usage::add(conn, &tally.hours)?;
    usage::add_outcomes(conn, &tally.outcomes)?;
    meter_usage::add(conn, MeterSource::Api, meters.days())?;
    key_use::note(conn, &tally.uses(), &tally.requests())?;
    for corrections in meters.corrections(conn)?.chunks(limits::SUBJECTS_MAX) {
        limits::add(conn, corrections, None)?;
    }
    permission_uses::note(conn, &counted.permissions, counted.begun)
}

fn gap(record: &GapRecord) -> LogGap {
    LogGap {
        from_at: record.from,
        to_at: record.to,
        records: i64::try_from(record.records).unwrap_or(i64::MAX),
    }
}

fn position(cursor: Cursor) -> Position {
    Position {
        segment: cursor.segment.cast_signed(),
        position: cursor.position.cast_signed(),
    }
}

fn tell(counted: &Counted) {
    metrics::counter!("latchkey_log_records_shipped_total").increment(counted.records as u64);
    metrics::counter!("latchkey_log_records_dropped_total").increment(counted.dropped);
    if counted.dropped > 0 {
        tracing::warn!(
            records = counted.dropped,
            "records of days that are not kept were not stored"
        );
    }
    for gap in &counted.gaps {
        metrics::counter!("latchkey_log_records_missing_total").increment(gap.records);
        tracing::error!(
            from = %gap.from,
            to = %gap.to,
            records = gap.records,
            "requests were answered without a record while the spool could not be written"
        );
    }
}
