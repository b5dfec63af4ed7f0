//! Requests into the rollups.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::BoxedSqlQuery;
use diesel::query_builder::SqlQuery;
use diesel::sql_types::Array;
use diesel::sql_types::Date;
use diesel::sql_types::Int4;
use diesel::sql_types::Int8;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::latency::Latencies;

/// What is added; negative where a completion corrects an earlier number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    pub requests: i64,
    /// Denied, or answered with status 400 or above.
    pub failed: i64,
    pub credits: i64,
    /// Of allowed requests whose duration is known.
    pub latencies: Latencies,
}

impl Sums {
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.credits += other.credits;
        self.latencies.add(&other.latencies);
    }
}

/// A key's hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyHour {
    pub account: AccountId,
    pub key: ApiKeyId,
    pub hour: DateTime<Utc>,
    pub workspace: WorkspaceId,
}

type KeyDay = (AccountId, ApiKeyId, NaiveDate, WorkspaceId);
type WorkspaceDay = (AccountId, WorkspaceId, NaiveDate);

/// Adds to the rollups of the key's hours and days and of the workspace's days. Rows are touched
/// in the order of their keys, so that nodes that add at the same time do not deadlock.
pub fn add(conn: &mut PgConnection, hours: &BTreeMap<KeyHour, Sums>) -> Result<(), DbError> {
    if hours.is_empty() {
        return Ok(());
    }
    let mut days: BTreeMap<KeyDay, Sums> = BTreeMap::new();
    let mut workspaces: BTreeMap<WorkspaceDay, Sums> = BTreeMap::new();
    for (at, sums) in hours {
        let day = at.hour.date_naive();
        days.entry((at.account, at.key, day, at.workspace))
            .or_default()
            .add(sums);
        workspaces
            .entry((at.account, at.workspace, day))
            .or_default()
            .add(sums);
    }
    add_hours(conn, hours)?;
    add_days(conn, &days)?;
    add_workspace_days(conn, &workspaces)
}

fn add_hours(conn: &mut PgConnection, hours: &BTreeMap<KeyHour, Sums>) -> Result<(), DbError> {
    let insert = diesel::sql_query(
        "insert into usage_hourly as old
             (account_id, workspace_id, key_id, hour, requests, failed, credits)
         select * from unnest($1, $2, $3, $4, $5, $6, $7)
         on conflict (account_id, key_id, hour) do update set
             requests = old.requests + excluded.requests,
             failed = old.failed + excluded.failed,
             credits = old.credits + excluded.credits",
    )
    .into_boxed::<Pg>()
    .bind::<Array<Int4>, _>(column(hours, |at| at.account.0))
    .bind::<Array<Int4>, _>(column(hours, |at| at.workspace.0))
    .bind::<Array<Text>, _>(column(hours, |at| at.key.to_string()))
    .bind::<Array<Timestamptz>, _>(column(hours, |at| at.hour));
    bind_sums(insert, hours).execute(conn)?;
    Ok(())
}

fn add_days(conn: &mut PgConnection, days: &BTreeMap<KeyDay, Sums>) -> Result<(), DbError> {
    let insert = diesel::sql_query(
        "insert into usage_daily as old
             (account_id, workspace_id, key_id, day, requests, failed, credits, latency)
         select account_id, workspace_id, key_id, day, requests, failed, credits, latency::bigint[] from unnest($1, $2, $3, $4, $5, $6, $7, $8)
             as added (account_id, workspace_id, key_id, day, requests, failed, credits, latency)
         on conflict (account_id, key_id, day) do update set
             requests = old.requests + excluded.requests,
             failed = old.failed + excluded.failed,
             credits = old.credits + excluded.credits,
             latency = add_counts(old.latency, excluded.latency)",
    )
    .into_boxed::<Pg>()
    .bind::<Array<Int4>, _>(column(days, |(account, ..)| account.0))
    .bind::<Array<Int4>, _>(column(days, |(.., workspace)| workspace.0))
    .bind::<Array<Text>, _>(column(days, |(_, key, ..)| key.to_string()))
    .bind::<Array<Date>, _>(column(days, |(_, _, day, _)| *day));
    bind_sums(insert, days)
        .bind::<Array<Text>, _>(latencies(days))
        .execute(conn)?;
    Ok(())
}

fn add_workspace_days(
    conn: &mut PgConnection,
    days: &BTreeMap<WorkspaceDay, Sums>,
) -> Result<(), DbError> {
    let insert = diesel::sql_query(
        "insert into workspace_usage_daily as old
             (account_id, workspace_id, day, requests, failed, credits, latency)
         select account_id, workspace_id, day, requests, failed, credits, latency::bigint[] from unnest($1, $2, $3, $4, $5, $6, $7)
             as added (account_id, workspace_id, day, requests, failed, credits, latency)
         on conflict (account_id, workspace_id, day) do update set
             requests = old.requests + excluded.requests,
             failed = old.failed + excluded.failed,
             credits = old.credits + excluded.credits,
             latency = add_counts(old.latency, excluded.latency)",
    )
    .into_boxed::<Pg>()
    .bind::<Array<Int4>, _>(column(days, |(account, ..)| account.0))
    .bind::<Array<Int4>, _>(column(days, |(_, workspace, _)| workspace.0))
    .bind::<Array<Date>, _>(column(days, |(.., day)| *day));
    bind_sums(insert, days)
        .bind::<Array<Text>, _>(latencies(days))
        .execute(conn)?;
    Ok(())
}

fn column<K, T>(rows: &BTreeMap<K, Sums>, of: impl Fn(&K) -> T) -> Vec<T> {
    rows.keys().map(of).collect()
}

/// As literals of arrays: arrays of arrays must be of one length.
fn latencies<K>(rows: &BTreeMap<K, Sums>) -> Vec<String> {
    let literal = |sums: &Sums| {
        if sums.latencies.is_empty() {
            return "{}".to_owned();
        }
        let counts = sums.latencies.counts().iter().map(i64::to_string);
        format!("{{{}}}", counts.collect::<Vec<_>>().join(","))
    };
    rows.values().map(literal).collect()
}

fn bind_sums<'a, K>(
    insert: BoxedSqlQuery<'a, Pg, SqlQuery>,
    rows: &BTreeMap<K, Sums>,
) -> BoxedSqlQuery<'a, Pg, SqlQuery> {
    let numbers = |of: fn(&Sums) -> i64| rows.values().map(of).collect::<Vec<_>>();
    insert
        .bind::<Array<Int8>, _>(numbers(|sums| sums.requests))
        .bind::<Array<Int8>, _>(numbers(|sums| sums.failed))
        .bind::<Array<Int8>, _>(numbers(|sums| sums.credits))
}
