//! The days of all keys of a category, summed by the database: there may be thousands of them.

use std::collections::HashMap;
use std::time::Duration;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Date;
use diesel::sql_types::Integer;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::db::time_box;
use crate::db::usage::DayUsage;
use crate::db::usage::first_day;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::latency::Latencies;

/// Of very many keys the times that answers took are left out rather than waited for.
const LATENCY_TIME_BOX: Duration = Duration::from_millis(500);

#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    requests: i64,
    #[diesel(sql_type = BigInt)]
    failed: i64,
    #[diesel(sql_type = BigInt)]
    credits: i64,
}

#[derive(QueryableByName)]
struct Times {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Array<BigInt>)]
    latency: Vec<i64>,
}

const ROWS: &str = "\
    from usage_daily
    where account_id = $1 and day >= $4 and key_id in (
        select id from api_keys
         where account_id = $1 and workspace_id = $2 and category = $3)";

/// The last 30 days of the keys that are filed under `category` now; days without requests have no
/// row.
pub fn of_category(
    conn: &mut PgConnection,
    (account, workspace): (AccountId, WorkspaceId),
    category: &str,
    now: DateTime<Utc>,
) -> Result<Vec<DayUsage>, DbError> {
    let asked = |sql: String| {
        diesel::sql_query(sql)
            .bind::<Integer, _>(account.0)
            .bind::<Integer, _>(workspace.0)
            .bind::<Text, _>(category)
            .bind::<Date, _>(first_day(now))
    };
    let sums: Vec<Sums> = asked(format!(
        "select day, sum(requests)::bigint as requests, sum(failed)::bigint as failed,
                sum(credits)::bigint as credits {ROWS} group by day"
    ))
    .load(conn)?;
    let times = asked(format!(
        "with classes as (
            select day, class, sum(answers)::bigint as answers
              from (select day, latency {ROWS}) rows,
                   unnest(latency) with ordinality as counts (answers, class)
             group by day, class)
         select day, array_agg(answers order by class) as latency from classes group by day"
    ));
    let times: Option<Vec<Times>> =
        time_box::within(conn, LATENCY_TIME_BOX, |conn| times.load(conn))?;
    let times: HashMap<NaiveDate, Vec<i64>> = times
        .into_iter()
        .flatten()
        .map(|row| (row.day, row.latency))
        .collect();
    let day = |row: Sums| DayUsage {
        day: row.day,
        requests: row.requests,
        failed: row.failed,
        credits: row.credits,
        latencies: times
            .get(&row.day)
            .map(|counts| Latencies::stored(counts))
            .unwrap_or_default(),
    };
    Ok(sums.into_iter().map(day).collect())
}
