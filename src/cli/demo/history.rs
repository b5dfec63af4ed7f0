//! Thirty days of calls, stored as the log shipper stores what the spool brings: rows, rollups and
//! last use from the same records, so that they cannot disagree.

pub mod app_usage;
pub mod calls;
mod counted;
pub mod plan;
pub mod rhythm;

use chrono::DateTime;
use chrono::NaiveTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::cli::demo::history::plan::Plan;
use crate::cli::demo::history::plan::Subject;
use crate::db::DbError;
use crate::db::key_use;
use crate::db::limits;
use crate::db::meter_usage;
use crate::db::meters;
use crate::db::request_log;
use crate::db::usage;
use crate::domain::meter::MeterSource;
use crate::spool::record::DecisionRecord;
use crate::workers::log_shipper::meter_tally::MeterTally;
use crate::workers::log_shipper::references::References;
use crate::workers::log_shipper::tally::Tally;

/// How many calls a new demo looks back on; a little more or less by chance.
pub const CALLS: u64 = 240_000;

/// Stored at once.
const BATCH_CALLS: usize = 100_000;

/// Writes about `calls` calls up to `now` and tells how many they were. Call it in a transaction.
pub fn write(
    conn: &mut PgConnection,
    subjects: &[Subject],
    now: DateTime<Utc>,
    calls: u64,
) -> anyhow::Result<usize> {
    let from = usage::first_day(now).and_time(NaiveTime::MIN).and_utc();
    let mut plan = Plan::new(subjects, (from, now), calls);
    let mut references = References::default();
    let mut batch = Vec::new();
    let mut written = 0;
    for place in 0..plan.hours() {
        batch.extend(plan.hour(place)?);
        if batch.len() >= BATCH_CALLS || place + 1 == plan.hours() {
            store(conn, &mut references, &batch, now)?;
            written += batch.len();
            batch.clear();
        }
    }
    counted::count(conn, now)?;
    Ok(written)
}

fn store(
    conn: &mut PgConnection,
    references: &mut References,
    batch: &[DecisionRecord<'_>],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let rows = references.rows(conn, batch, now.date_naive())?;
    request_log::append(conn, &rows)?;
    let tally = Tally::of(batch);
    usage::add(conn, &tally.hours)?;
    usage::add_outcomes(conn, &tally.outcomes)?;
    let mut meters = MeterTally::new(meters::kinds(conn)?);
    for call in batch {
        meters.decide(call);
    }
    meter_usage::add(conn, MeterSource::Api, meters.days())?;
    let corrections = meters.corrections(conn)?;
    limits::add(conn, &corrections, Some(now))?;
    key_use::note(conn, &tally.uses(), &tally.requests())
}
