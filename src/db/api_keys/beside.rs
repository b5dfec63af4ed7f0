//! What stands beside a key on its page: use of its limits, days of its chart, its last changes.

use std::time::Duration;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Date;
use diesel::sql_types::Integer;
use diesel::sql_types::Jsonb;
use diesel::sql_types::Text;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::db::DbError;
use crate::db::audit_log::AuditRow;
use crate::db::corrupt;
use crate::db::limits;
use crate::db::time_box;
use crate::db::usage;
use crate::db::usage::DayUsage;
use crate::domain::account::AccountId;
use crate::domain::api_key::ApiKey;
use crate::domain::latency::Latencies;
use crate::domain::lease::SpanState;
use crate::domain::lease::Subject;

/// The query is given up after this time.
const TIME_BOX: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub struct Beside {
    pub limits: Vec<SpanState>,
    /// The last 30 days; those without requests are missing.
    pub days: Vec<DayUsage>,
    /// Newest first.
    pub changes: Vec<AuditRow>,
}

/// All of it in one query, for a page has six. The last `changes` changes.
pub fn beside(
    conn: &mut PgConnection,
    key: &ApiKey,
    changes: i64,
    now: DateTime<Utc>,
) -> Result<Beside, DbError> {
    let AccountId(account) = key.account_id;
    let limited = Some(Subject::Key(key.id)).filter(|_| !key.limits.are_none());
    let subjects: Vec<String> = limited.iter().map(ToString::to_string).collect();
    let row: Option<Row> = time_box::within(conn, TIME_BOX, |conn| {
        diesel::sql_query(SQL)
            .bind::<Integer, _>(account)
            .bind::<Text, _>(key.id.as_str())
            .bind::<Array<Text>, _>(subjects)
            .bind::<Date, _>(usage::first_day(now))
            .bind::<BigInt, _>(changes)
            .get_result(conn)
    })?;
    let row = row.ok_or_else(|| DbError::Unavailable("a key's page took too long".to_owned()))?;
    let states: Vec<State> = parsed(row.limits, ("limit_counters", "span"))?;
    let days: Vec<UsageRow> = parsed(row.days, ("usage_daily", "day"))?;
    let changes: Vec<AuditRow> = parsed(row.changes, ("audit_log", "at"))?;
    Ok(Beside {
        limits: states
            .into_iter()
            .map(|one| limits::span_state(one.span, one.cap, one.used, one.frees_in))
            .collect::<Result<_, _>>()?,
        days: days.into_iter().map(UsageRow::usage).collect(),
        changes,
    })
}

fn parsed<T: DeserializeOwned>(
    found: Value,
    (table, column): (&'static str, &'static str),
) -> Result<Vec<T>, DbError> {
    serde_json::from_value(found).map_err(|error| corrupt(table, column, &error.to_string()))
}

const SQL: &str = "
    select
        (select coalesce(jsonb_agg(s), '[]') from
            (select span, cap, used, frees_in from limit_states($1, $3, null)) s) as limits,
        (select coalesce(jsonb_agg(d), '[]') from
            (select day, requests, failed, credits, latency from usage_daily
             where account_id = $1 and key_id = $2 and day >= $4) d) as days,
        (select coalesce(jsonb_agg(c), '[]') from
            (select at, actor_kind, actor_label, action, reason, host(ip) as ip from audit_log
             where account_id = $1 and target_kind = 'key' and target_id = $2
                 and action <> 'support.viewed'
             order by at desc, id desc limit $5) c) as changes";

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    #[diesel(sql_type = Jsonb)]
    limits: Value,
    #[diesel(sql_type = Jsonb)]
    days: Value,
    #[diesel(sql_type = Jsonb)]
    changes: Value,
}

#[derive(Deserialize)]
struct State {
    span: i16,
    cap: Option<i64>,
    used: i64,
    frees_in: Option<i64>,
}

#[derive(Deserialize)]
struct UsageRow {
    day: NaiveDate,
    requests: i64,
    failed: i64,
    credits: i64,
    latency: Vec<i64>,
}

impl UsageRow {
    fn usage(self) -> DayUsage {
        DayUsage {
            day: self.day,
            requests: self.requests,
            failed: self.failed,
            credits: self.credits,
            latencies: Latencies::stored(&self.latency),
        }
    }
}
