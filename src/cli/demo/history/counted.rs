//! The keys' limits, counted from the calls that were just written.

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;

/// As if each call had been charged when it was made.
const COUNT: &str = "
    with counted as (
        select l.account_id, l.key_id, caps.span, limit_frees_at(caps.span, r.at) as frees_at,
               count(*) as amount
          from key_limits l
         cross join lateral limit_caps(l.account_id, l.key_id) caps
          join request_log r on r.account_id = l.account_id and r.key_id = l.key_id
         where r.code = 0
         group by 1, 2, 3, 4
        having limit_frees_at(caps.span, r.at) > $1
    ), counters as (
        insert into limit_counters (account_id, subject, span, used)
        select account_id, key_id, span, sum(amount) from counted group by 1, 2, 3
    )
    insert into limit_buckets (account_id, subject, span, frees_at, amount)
    select account_id, key_id, span, frees_at, amount from counted";

pub fn count(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::sql_query(COUNT)
        .bind::<Timestamptz, _>(now)
        .execute(conn)?;
    Ok(())
}
