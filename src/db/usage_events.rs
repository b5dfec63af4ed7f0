//! Which events of app usage were counted already.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::Int4;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;
use crate::db::schema::usage_events;
use crate::domain::account::AccountId;

/// Notes `events` and tells which of them are new. Each may be named once; in order, so that two
/// who note the same wait for each other and do not deadlock: the second finds them noted.
pub fn note(
    conn: &mut PgConnection,
    events: &[(AccountId, &str)],
    now: DateTime<Utc>,
) -> Result<Vec<(AccountId, String)>, DbError> {
    #[derive(QueryableByName)]
    struct New {
        #[diesel(sql_type = Int4)]
        account_id: i32,
        #[diesel(sql_type = Text)]
        event_id: String,
    }
    let accounts: Vec<i32> = events.iter().map(|(account, _)| account.0).collect();
    let ids: Vec<&str> = events.iter().map(|(_, id)| *id).collect();
    let new: Vec<New> = diesel::sql_query(
        "insert into usage_events (account_id, event_id, at)
         select account_id, event_id, $3 from unnest($1, $2) as event (account_id, event_id)
          order by account_id, event_id
         on conflict do nothing
         returning account_id, event_id",
    )
    .bind::<Array<Int4>, _>(accounts)
    .bind::<Array<Text>, _>(ids)
    .bind::<Timestamptz, _>(now)
    .load(conn)?;
    let event = |row: New| (AccountId(row.account_id), row.event_id);
    Ok(new.into_iter().map(event).collect())
}

/// Deletes what was noted before `time` and tells how many that were.
pub fn forget_before(conn: &mut PgConnection, time: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(diesel::delete(usage_events::table.filter(usage_events::at.lt(time))).execute(conn)?)
}
