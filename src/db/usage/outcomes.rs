//! Why requests failed, by the hour.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::Int2;
use diesel::sql_types::Int4;
use diesel::sql_types::Int8;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;
use crate::db::binds::Bind;
use crate::db::binds::Binds;
use crate::db::time_box::within;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;

/// Kinds of failure that are told at once, the most frequent ones.
const FAILURES_MAX: i64 = 8;

/// A key's hour, and one way in which requests failed in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutcomeHour {
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub hour: DateTime<Utc>,
    pub key: ApiKeyId,
    /// As `outcomes_hourly.outcome`.
    pub outcome: i16,
}

/// Adds to the rollup, in the order of its key, so that nodes do not deadlock. A number may be
/// negative, where a completion corrects an earlier one.
pub fn add_outcomes(
    conn: &mut PgConnection,
    outcomes: &BTreeMap<OutcomeHour, i64>,
) -> Result<(), DbError> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let accounts: Vec<i32> = outcomes.keys().map(|at| at.account.0).collect();
    let workspaces: Vec<i32> = outcomes.keys().map(|at| at.workspace.0).collect();
    let hours: Vec<DateTime<Utc>> = outcomes.keys().map(|at| at.hour).collect();
    let keys: Vec<String> = outcomes.keys().map(|at| at.key.to_string()).collect();
    let kinds: Vec<i16> = outcomes.keys().map(|at| at.outcome).collect();
    let requests: Vec<i64> = outcomes.values().copied().collect();
    diesel::sql_query(
        "insert into outcomes_hourly as old
             (account_id, workspace_id, hour, key_id, outcome, requests)
         select * from unnest($1, $2, $3, $4, $5, $6)
         on conflict (account_id, workspace_id, hour, key_id, outcome) do update set
             requests = old.requests + excluded.requests",
    )
    .bind::<Array<Int4>, _>(accounts)
    .bind::<Array<Int4>, _>(workspaces)
    .bind::<Array<Timestamptz>, _>(hours)
    .bind::<Array<Text>, _>(keys)
    .bind::<Array<Int2>, _>(kinds)
    .bind::<Array<Int8>, _>(requests)
    .execute(conn)?;
    Ok(())
}

/// Whose failures, and when: whole hours.
#[derive(Debug, Clone)]
pub struct FailuresOf {
    pub account: AccountId,
    pub workspaces: Vec<WorkspaceId>,
    /// Any of them; all where there is none.
    pub keys: Vec<ApiKeyId>,
    pub categories: Vec<String>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(Pg))]
struct Row {
    #[diesel(sql_type = Int2)]
    outcome: i16,
    #[diesel(sql_type = Int8)]
    requests: i64,
}

/// The most frequent failures with their numbers; `None` if counting takes longer than `time`.
pub fn failures(
    conn: &mut PgConnection,
    of: &FailuresOf,
    time: Duration,
) -> Result<Option<Vec<(i16, i64)>>, DbError> {
    let mut binds = Binds::default();
    let account = binds.place(Bind::Number(of.account.0));
    let workspaces = of.workspaces.iter().map(|workspace| workspace.0).collect();
    let workspaces = binds.place(Bind::Numbers(workspaces));
    let from = binds.place(Bind::Time(of.from));
    let to = binds.place(Bind::Time(of.to));
    let mut conditions = vec![format!(
        "account_id = {account} and workspace_id = any({workspaces})
         and hour >= {from} and hour < {to}"
    )];
    if !of.keys.is_empty() {
        let keys = of.keys.iter().map(ToString::to_string).collect();
        let keys = binds.place(Bind::Texts(keys));
        conditions.push(format!("key_id = any({keys})"));
    }
    if !of.categories.is_empty() {
        let categories = binds.place(Bind::Texts(of.categories.clone()));
        conditions.push(format!(
            "key_id in (select id from api_keys where account_id = {account}
                 and category = any({categories}))"
        ));
    }
    let most = binds.place(Bind::Long(FAILURES_MAX));
    let sql = format!(
        "select outcome, sum(requests)::bigint as requests from outcomes_hourly
         where {conditions} group by outcome having sum(requests) > 0
         order by 2 desc, 1 limit {most}",
        conditions = conditions.join(" and "),
    );
    let rows: Option<Vec<Row>> = within(conn, time, |conn| binds.query(sql).load(conn))?;
    let rows = rows.map(|rows| rows.into_iter().map(|row| (row.outcome, row.requests)));
    Ok(rows.map(Iterator::collect))
}
