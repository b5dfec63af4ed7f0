//! Keys that nobody has, counted per address and minute.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::Inet;
use diesel::sql_types::Int8;
use diesel::sql_types::Timestamptz;
use ipnet::IpNet;

use crate::db::DbError;
use crate::db::schema::failed_attempts;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempts {
    pub minute: DateTime<Utc>,
    pub address: IpNet,
    pub count: i64,
}

/// Adds to the counts, in order, so that two nodes do not deadlock. Each minute and address may be
/// named once.
pub fn add(conn: &mut PgConnection, mut attempts: Vec<Attempts>) -> Result<(), DbError> {
    if attempts.is_empty() {
        return Ok(());
    }
    attempts.sort_unstable();
    let minutes: Vec<DateTime<Utc>> = attempts.iter().map(|one| one.minute).collect();
    let addresses: Vec<IpNet> = attempts.iter().map(|one| one.address).collect();
    let counts: Vec<i64> = attempts.iter().map(|one| one.count).collect();
    diesel::sql_query(
        "insert into failed_attempts as old (minute, address, attempts)
         select * from unnest($1, $2, $3)
         on conflict (minute, address) do update set attempts = old.attempts + excluded.attempts",
    )
    .bind::<Array<Timestamptz>, _>(minutes)
    .bind::<Array<Inet>, _>(addresses)
    .bind::<Array<Int8>, _>(counts)
    .execute(conn)?;
    Ok(())
}

pub fn forget_before(conn: &mut PgConnection, first_kept: DateTime<Utc>) -> Result<usize, DbError> {
    let old = failed_attempts::table.filter(failed_attempts::minute.lt(first_kept));
    Ok(diesel::delete(old).execute(conn)?)
}
