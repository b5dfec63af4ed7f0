//! The sum of a key's last 30 days, which its workspace's list is sorted by.

use chrono::DateTime;
use chrono::Days;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Date;

use crate::db::DbError;
use crate::db::usage::USAGE_DAYS;
use crate::db::usage::first_day;

/// Keys made right by one call.
pub const RECOUNT_MAX: u16 = 1_000;

/// Takes the days off that have left the last 30, and makes good what was not added. A key whose
/// requests all left more than a month ago is right already. Tells how many keys were not.
pub fn recount(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, DbError> {
    let first = first_day(now);
    let looked_at = first
        .checked_sub_days(Days::new(USAGE_DAYS))
        .unwrap_or(first);
    // Locked in order, as those are who note uses.
    let wrong = diesel::sql_query(
        "with wrong as (
            select k.account_id, k.id, sums.requests
            from (select account_id, key_id,
                      coalesce(sum(requests) filter (where day >= $1), 0)::bigint as requests
                  from usage_daily where day >= $2 group by account_id, key_id) sums
            join api_keys k on k.account_id = sums.account_id and k.id = sums.key_id
            where k.requests_30d <> sums.requests
            order by k.account_id, k.id limit $3 for no key update of k)
         update api_keys k set requests_30d = wrong.requests
         from wrong where k.account_id = wrong.account_id and k.id = wrong.id",
    )
    .bind::<Date, _>(first)
    .bind::<Date, _>(looked_at)
    .bind::<BigInt, _>(i64::from(RECOUNT_MAX))
    .execute(conn)?;
    Ok(wrong)
}
