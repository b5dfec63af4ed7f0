//! One step: read a batch, look up what its rows refer to, store it with the cursor.

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
use crate::db::meters;
use crate::db::permission_uses;
use crate::db::request_log;
use crate::db::request_log::Completion;
use crate::db::request_log::NewDetail;
use crate::db::request_log::NewLogRow;
use crate::db::spool_cursors;
use crate::db::spool_cursors::Position;
use crate::db::usage;
use crate::domain::clock::SharedClock;
use crate::domain::log_retention::KeptDays;
use crate::domain::meter::MeterSource;
use crate::spool::Cursor;
use crate::spool::Spool;
use crate::spool::reader::Reader;
use crate::spool::record::CompletionRecord;
use crate::spool::record::GapRecord;
use crate::workers::log_shipper::ShipError;
use crate::workers::log_shipper::Shipped;
use crate::workers::log_shipper::backlog::Backlog;
use crate::workers::log_shipper::fold::Folded;
use crate::workers::log_shipper::fold::fold;
use crate::workers::log_shipper::meter_tally::MeterTally;
use crate::workers::log_shipper::permissions::PermissionsUsed;
use crate::workers::log_shipper::references::References;
use crate::workers::log_shipper::references::clamped;
use crate::workers::log_shipper::tally::Tally;

pub struct Store {
    spool: Uuid,
    reader: Reader,
    backlog: Backlog,
    clock: SharedClock,
    kept: KeptDays,
    /// `None` when only Postgres knows: at the start and after any error.
    cursor: Option<Cursor>,
    references: References,
    permissions: PermissionsUsed,
}

impl Store {
    pub fn new((spool, backlog): (&Spool, Backlog), clock: SharedClock, kept: KeptDays) -> Self {
        Self {
            spool: spool.id(),
            reader: spool.reader(),
            backlog,
            clock,
            kept,
            cursor: None,
            references: References::default(),
            permissions: PermissionsUsed::default(),
        }
    }

    pub fn ship(&mut self, db: &Db, records_max: usize) -> Result<Shipped, ShipError> {
        let result = self.try_to_ship(db, records_max);
        if result.is_err() {
            // Whether the transaction was committed, and what was dropped or restored meanwhile,
            // only Postgres knows.
            self.cursor = None;
            self.references.forget();
            self.permissions.forget();
        }
        result
    }

    fn try_to_ship(&mut self, db: &Db, records_max: usize) -> Result<Shipped, ShipError> {
        let from = match self.cursor {
            Some(cursor) => cursor,
            None => self.find_cursor(db)?,
        };
        let begun = self.clock.now();
        let batch = self.reader.read(from, records_max)?;
        let today = begun.date_naive();
        let folded = fold(batch.records, self.kept.first_day(today));
        if batch.next != from {
            let (unknown_meters, permissions) = db.run_blocking(|conn| {
                // Not in the transaction of the rows, so that no lock on a text outlives its
                // statement: a text or a partition that nothing refers to yet harms nobody.
                let rows = Rows {
                    log: self.references.rows(conn, &folded.decisions, today)?,
                    details: self.references.details(&folded.decisions)?,
                };
                let permissions = self.permissions.unnoted(conn, &folded.decisions, today);
                let moved = (position(from), position(batch.next));
                let unknown = conn.transaction(|conn| {
                    let unknown = store(conn, self.spool, moved, &rows, &folded)?;
                    permission_uses::note(conn, &permissions, begun)?;
                    Ok::<_, DbError>(unknown)
                })?;
                Ok((unknown, permissions))
            })?;
            self.permissions.note(permissions);
            metrics::counter!("latchkey_meters_unknown_total").increment(unknown_meters);
            self.cursor = Some(batch.next);
            self.forget(batch.next);
        }
        self.backlog
            .shipped(batch.next, (!batch.more).then_some(begun));
        tell(&folded);
        Ok(Shipped {
            records: folded.decisions.len() + folded.completions.len(),
            more: batch.more,
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
        if let Err(error) = self.reader.forget(shipped) {
            tracing::warn!(%error, "cannot delete what is shipped from the spool");
        }
    }
}

/// What a batch appends.
struct Rows<'a> {
    log: Vec<NewLogRow<'a>>,
    details: Vec<NewDetail<'a>>,
}

/// All or nothing. The keys' rows and the counters come last, so that nobody waits for them longer
/// than a commit. Tells how many uses were of meters that nobody knows.
fn store(
    conn: &mut PgConnection,
    spool: Uuid,
    (from, to): (Position, Position),
    rows: &Rows<'_>,
    folded: &Folded,
) -> Result<u64, DbError> {
    conn.transaction(|conn| {
        spool_cursors::advance(conn, spool, from, to)?;
        request_log::append(conn, &rows.log)?;
        request_log::append_details(conn, &rows.details)?;
        let mut tally = Tally::of(&folded.decisions);
        let completions: Vec<Completion> = folded.completions.iter().map(completion).collect();
        let mut meters = MeterTally::new(meters::kinds(conn)?);
        folded.decisions.iter().for_each(|one| meters.decide(one));
        folded.completions.iter().for_each(|one| meters.tell(one));
        for row in request_log::complete(conn, &completions)? {
            tally.complete(&row);
            meters.complete(&row);
        }
        usage::add(conn, &tally.hours)?;
        usage::add_outcomes(conn, &tally.outcomes)?;
        meter_usage::add(conn, MeterSource::Api, meters.days())?;
        key_use::note(conn, &tally.uses(), &tally.requests())?;
        log_gaps::note(
            conn,
            spool,
            &folded.gaps.iter().map(gap).collect::<Vec<_>>(),
        )?;
        for corrections in meters.corrections(conn)?.chunks(limits::SUBJECTS_MAX) {
            limits::add(conn, corrections, None)?;
        }
        Ok(meters.unknown())
    })
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

fn tell(folded: &Folded) {
    let records = folded.decisions.len() + folded.completions.len();
    metrics::counter!("latchkey_log_records_shipped_total").increment(records as u64);
    metrics::counter!("latchkey_log_records_dropped_total").increment(folded.dropped);
    if folded.dropped > 0 {
        tracing::warn!(
            records = folded.dropped,
            "records of days that are not kept were not stored"
        );
    }
    for gap in &folded.gaps {
        metrics::counter!("latchkey_log_records_missing_total").increment(gap.records);
        tracing::error!(
            from = %gap.from,
            to = %gap.to,
            records = gap.records,
            "requests were answered without a record while the spool could not be written"
        );
    }
}
