//! Rows of a log by the million, made by the database itself, day by day in the order of time.

use chrono::DateTime;
use chrono::Days;
use chrono::NaiveTime;
use chrono::Utc;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use latchkey::db::request_log::partitions;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::random::OsRandom;
use latchkey::domain::request_id::RequestId;

use crate::fault;

pub const DAYS: u64 = 30;

/// What rows refer to: paths 1 to 400, agents 401 to 440, a name 441. And sums by the hour, whose
/// number follows from keys and hours, not from rows.
const PREPARE: &str = "
    insert into log_texts (kind, value, seen_on)
    select 1, '/v1/documents/' || n, now() from generate_series(1, 400) n order by n;
    insert into log_texts (kind, value, seen_on)
    select 2, 'acme-client/1.' || n, now() from generate_series(1, 40) n order by n;
    insert into log_texts (kind, value, seen_on) values (3, 'key', now());
    create table numbered as select (row_number() over (order by id) - 1)::int as n, id from api_keys;
    create unique index on numbered (n);
    insert into usage_daily (account_id, workspace_id, key_id, day, requests, failed, credits)
    select 1, 1, id, (now() at time zone 'UTC')::date - d, 1000, 10, 5
      from numbered, generate_series(0, 29) d;
    insert into workspace_usage_daily (account_id, workspace_id, day, requests, failed, credits)
    select 1, 1, day, sum(requests), sum(failed), sum(credits) from usage_daily group by day;
    insert into outcomes_hourly (account_id, workspace_id, hour, key_id, outcome, requests)
    select 1, 1, date_trunc('hour', now()) - h * interval '1 hour', id, outcome, 3
      from numbered, generate_series(0, 719) h, unnest(array[12, 404]) outcome where n < 200";

/// $1 the day's first instant, $2 the microseconds between two rows, $3 their number. Half of the
/// calls are of one key. One in a hundred is refused, one in a hundred not found.
const DAY: &str = "
    insert into request_log (at, account_id, workspace_id, path_id, agent_id, name_id, credits,
        duration_us, status, code, method, surface, generation, key_id, request_id, ip)
    select $1 + i * $2 * interval '1 microsecond', 1, 1, 1 + i % 400, 401 + i % 40, 441, i % 10,
        900 + i * 7919 % 90000, case i % 100 when 7 then 404 when 13 then 401 else 200 end,
        case i % 100 when 13 then 12 else 0 end, 1 + i % 2 * 2, 1, 1, k.id,
        'req_' || lpad(to_hex(extract(epoch from $1)::bigint * 100000 + i), 16, '0'),
        '203.0.113.0'::inet + i % 250
    from generate_series(0, $3 - 1) g (i)
    join numbered k on k.n = case when i % 2 = 0 then 0 else i * 7919 % 1000 end
    order by i";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

pub struct Filled {
    pub now: DateTime<Utc>,
    /// Half of the calls.
    pub busy: ApiKeyId,
    /// One in two thousand.
    pub quiet: ApiKeyId,
    /// Of one call, in the middle.
    pub request: RequestId,
}

pub fn prepare(conn: &mut PgConnection) -> std::io::Result<()> {
    conn.batch_execute(PREPARE).map_err(fault)?;
    // Of one partition at a time, in a transaction of its own, as often as it takes.
    conn.batch_execute("set synchronous_commit = off; set jit = off")
        .map_err(fault)
}

/// In the place of all that was there.
pub fn fill(conn: &mut PgConnection, rows: usize) -> std::io::Result<Filled> {
    let now = SystemClock::shared().now();
    let today = now.date_naive();
    let days: Vec<_> = (0..DAYS).map(|days| today - Days::new(days)).collect();
    partitions::ensure(conn, &days).map_err(fault)?;
    conn.batch_execute("truncate request_log").map_err(fault)?;
    let a_day = i64::try_from(rows).map_err(fault)? / i64::try_from(DAYS).map_err(fault)?;
    for day in days.iter().rev() {
        let midnight = day.and_time(NaiveTime::MIN).and_utc();
        let end = (midnight + Days::new(1)).min(now);
        let span = (end - midnight).num_microseconds().unwrap_or(i64::MAX);
        diesel::sql_query(DAY)
            .bind::<Timestamptz, _>(midnight)
            .bind::<BigInt, _>(span / a_day.max(1))
            .bind::<BigInt, _>(a_day)
            .execute(conn)
            .map_err(fault)?;
    }
    let request = one_more(conn, now - Days::new(DAYS / 2))?;
    for tidied in ["vacuum (analyze) request_log", "analyze", "checkpoint"] {
        conn.batch_execute(tidied).map_err(fault)?;
    }
    Ok(Filled {
        now,
        busy: key(conn, 0)?,
        quiet: key(conn, 501)?,
        request,
    })
}

/// A call whose id tells its time, as those of nodes do.
fn one_more(conn: &mut PgConnection, at: DateTime<Utc>) -> std::io::Result<RequestId> {
    let request = RequestId::generate(at, &OsRandom).map_err(fault)?;
    diesel::sql_query(
        "insert into request_log select (changed).* from (
             select jsonb_populate_record(l, jsonb_build_object('at', $1, 'request_id', $2)) as changed
               from request_log l limit 1) one",
    )
    .bind::<Timestamptz, _>(request.at().unwrap_or(at))
    .bind::<Text, _>(request.to_string())
    .execute(conn)
    .map_err(fault)?;
    Ok(request)
}

fn key(conn: &mut PgConnection, number: i64) -> std::io::Result<ApiKeyId> {
    let found: Id = diesel::sql_query("select id from numbered where n = $1")
        .bind::<BigInt, _>(number)
        .get_result(conn)
        .map_err(fault)?;
    found.id.parse().map_err(fault)
}
