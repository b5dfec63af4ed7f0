//! What came of requests whose rows are already stored.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::Int2;
use diesel::sql_types::Int4;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;

#[derive(Debug, Clone)]
pub struct Completion {
    /// The row's own time, key and id, by which an index finds it.
    pub at: DateTime<Utc>,
    pub key_id: String,
    pub request_id: String,
    pub status: i16,
    pub duration_us: i32,
    pub credits: i32,
}

/// A row that was completed, with what it held before.
#[derive(Debug, Clone, QueryableByName)]
pub struct Completed {
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Int4)]
    pub account_id: i32,
    #[diesel(sql_type = Int4)]
    pub workspace_id: i32,
    #[diesel(sql_type = Text)]
    pub key_id: String,
    #[diesel(sql_type = Int2)]
    pub code: i16,
    #[diesel(sql_type = Nullable<Int2>)]
    pub status_before: Option<i16>,
    #[diesel(sql_type = Int4)]
    pub credits_before: i32,
    #[diesel(sql_type = Nullable<Int4>)]
    pub duration_us_before: Option<i32>,
    #[diesel(sql_type = Int2)]
    pub status: i16,
    #[diesel(sql_type = Int4)]
    pub credits: i32,
    #[diesel(sql_type = Int4)]
    pub duration_us: i32,
}

/// One statement for all. `$7` and `$8` bound the days, so that only their partitions are looked
/// into.
const COMPLETE: &str = "\
    update request_log as row
       set status = done.status, duration_us = done.duration_us, credits = done.credits
      from unnest($1, $2, $3, $4, $5, $6)
           as done (at, key_id, request_id, status, duration_us, credits)
      join request_log as old
        on old.key_id = done.key_id and old.at = done.at and old.request_id = done.request_id
     where row.key_id = done.key_id and row.at = done.at and row.request_id = done.request_id
       and row.at between $7 and $8 and old.at between $7 and $8
 returning row.at, row.account_id, row.workspace_id, row.key_id, row.code,
           old.status as status_before, old.credits as credits_before,
           old.duration_us as duration_us_before, row.status, row.credits, row.duration_us";

/// Completes at most one row for each, and tells which. Each request may be named once.
pub fn complete(
    conn: &mut PgConnection,
    completions: &[Completion],
) -> Result<Vec<Completed>, DbError> {
    let times: Vec<DateTime<Utc>> = completions.iter().map(|done| done.at).collect();
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else {
        return Ok(Vec::new());
    };
    let column = |of: fn(&Completion) -> i32| completions.iter().map(of).collect::<Vec<_>>();
    let texts = |of: fn(&Completion) -> &str| completions.iter().map(of).collect::<Vec<_>>();
    let statuses: Vec<i16> = completions.iter().map(|done| done.status).collect();
    Ok(diesel::sql_query(COMPLETE)
        .bind::<Array<Timestamptz>, _>(&times)
        .bind::<Array<Text>, _>(texts(|done| &done.key_id))
        .bind::<Array<Text>, _>(texts(|done| &done.request_id))
        .bind::<Array<Int2>, _>(statuses)
        .bind::<Array<Int4>, _>(column(|done| done.duration_us))
        .bind::<Array<Int4>, _>(column(|done| done.credits))
        .bind::<Timestamptz, _>(first)
        .bind::<Timestamptz, _>(last)
        .load(conn)?)
}
