//! The log's partitions, one for each UTC day: made ahead of time, dropped when they are old.
//!
//! Neither waits long for readers nor makes them wait: a partition is made beside the log and then
//! attached, and a drop that does not get its lock at once is left for the next round.

use chrono::Days;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Text;

use crate::db::DbError;

/// One node at a time makes or drops partitions.
const LOCK: i64 = 0x6c61_7463_686b_0001;

const NAME: &str = "request_log_%Y%m%d";

diesel::define_sql_function! {
    fn pg_advisory_xact_lock(key: BigInt) -> Bool;
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The days that have a partition, in order.
pub fn days(conn: &mut PgConnection) -> Result<Vec<NaiveDate>, DbError> {
    let names: Vec<Name> = diesel::sql_query(
        "select relname::text as name from pg_inherits join pg_class on oid = inhrelid
          where inhparent = 'request_log'::regclass order by relname",
    )
    .load(conn)?;
    let day = |Name { name }| NaiveDate::parse_from_str(&name, NAME).ok();
    Ok(names.into_iter().filter_map(day).collect())
}

/// Makes what is missing of `wanted`.
pub fn ensure(conn: &mut PgConnection, wanted: &[NaiveDate]) -> Result<(), DbError> {
    let there = days(conn)?;
    if wanted.iter().all(|day| there.contains(day)) {
        return Ok(());
    }
    conn.transaction(|conn| {
        take_lock(conn)?;
        let there = days(conn)?;
        for day in wanted.iter().filter(|day| !there.contains(day)) {
            create(conn, *day)?;
        }
        Ok(())
    })
}

/// Drops the partitions of days before `first_kept` and tells which went. A partition that is
/// being read may stay for the next time.
pub fn drop_before(
    conn: &mut PgConnection,
    first_kept: NaiveDate,
) -> Result<Vec<NaiveDate>, DbError> {
    let mut dropped = Vec::new();
    for day in days(conn)?.into_iter().filter(|day| *day < first_kept) {
        match conn.transaction(|conn| drop_one(conn, day)) {
            Ok(()) => dropped.push(day),
            Err(error) => tracing::info!(%day, %error, "a partition stays for now"),
        }
    }
    Ok(dropped)
}

/// Attaching locks out no reader, as `create table … partition of` would.
fn create(conn: &mut PgConnection, day: NaiveDate) -> Result<(), DbError> {
    // A statement of this kind takes no binds; what is put in comes from a date and nothing else.
    let name = day.format(NAME);
    let next = day + Days::new(1);
    diesel::sql_query(format!("create table {name} (like request_log)")).execute(conn)?;
    // A page of an account reaches it through the log, whose policy holds, and not past it.
    diesel::sql_query(format!("alter table {name} enable row level security")).execute(conn)?;
    diesel::sql_query(format!(
        "alter table request_log attach partition {name}
         for values from ('{day} 00:00:00+00') to ('{next} 00:00:00+00')"
    ))
    .execute(conn)?;
    Ok(())
}

fn drop_one(conn: &mut PgConnection, day: NaiveDate) -> Result<(), DbError> {
    take_lock(conn)?;
    // While this waits for readers, new readers wait for it.
    diesel::sql_query("set local lock_timeout = '200ms'").execute(conn)?;
    let name = day.format(NAME);
    diesel::sql_query(format!("drop table if exists {name}")).execute(conn)?;
    Ok(())
}

fn take_lock(conn: &mut PgConnection) -> Result<(), DbError> {
    diesel::select(pg_advisory_xact_lock(LOCK)).execute(conn)?;
    Ok(())
}
