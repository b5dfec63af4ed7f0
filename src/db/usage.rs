//! What the charts read: rollups per day, never the log itself.

mod add;
mod category;
mod export;
mod forget;
mod outcomes;
mod recount;
mod shares;

use chrono::DateTime;
use chrono::Days;
use chrono::NaiveDate;
use chrono::Utc;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::usage_daily;
use crate::db::schema::workspace_usage_daily;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::latency::Latencies;

pub use crate::db::usage::add::KeyHour;
pub use crate::db::usage::add::Sums;
pub use crate::db::usage::add::add;
pub use crate::db::usage::category::of_category;
pub use crate::db::usage::export::note_export;
pub use crate::db::usage::forget::forget_before;
pub use crate::db::usage::outcomes::FailuresOf;
pub use crate::db::usage::outcomes::OutcomeHour;
pub use crate::db::usage::outcomes::add_outcomes;
pub use crate::db::usage::outcomes::failures;
pub use crate::db::usage::recount::RECOUNT_MAX;
pub use crate::db::usage::recount::recount;
pub use crate::db::usage::shares::CategoryShare;
pub use crate::db::usage::shares::KeyShare;
pub use crate::db::usage::shares::MeterShare;
pub use crate::db::usage::shares::by_category;
pub use crate::db::usage::shares::by_key;
pub use crate::db::usage::shares::by_meter;

/// A chart shows this many days, today among them.
pub const USAGE_DAYS: u64 = 30;

/// One day (UTC) of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayUsage {
    pub day: NaiveDate,
    pub requests: i64,
    pub failed: i64,
    pub credits: i64,
    /// Of allowed requests whose duration is known.
    pub latencies: Latencies,
}

impl DayUsage {
    pub fn succeeded(&self) -> i64 {
        self.requests - self.failed
    }
}

type Row = (NaiveDate, i64, i64, i64, Vec<i64>);

/// The last 30 days of a key; days without requests have no row.
pub fn of_key(
    conn: &mut PgConnection,
    account: AccountId,
    key: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<Vec<DayUsage>, DbError> {
    let rows: Vec<Row> = usage_daily::table
        .filter(usage_daily::account_id.eq(account.0))
        .filter(usage_daily::key_id.eq(key.as_str()))
        .filter(usage_daily::day.ge(first_day(now)))
        .select((
            usage_daily::day,
            usage_daily::requests,
            usage_daily::failed,
            usage_daily::credits,
            usage_daily::latency,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(day_usage).collect())
}

/// The last 30 days of a workspace; days without requests have no row.
pub fn of_workspace(
    conn: &mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
) -> Result<Vec<DayUsage>, DbError> {
    let rows: Vec<Row> = workspace_usage_daily::table
        .filter(workspace_usage_daily::account_id.eq(account.0))
        .filter(workspace_usage_daily::workspace_id.eq(workspace.0))
        .filter(workspace_usage_daily::day.ge(first_day(now)))
        .select((
            workspace_usage_daily::day,
            workspace_usage_daily::requests,
            workspace_usage_daily::failed,
            workspace_usage_daily::credits,
            workspace_usage_daily::latency,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(day_usage).collect())
}

/// The oldest day that a chart shows now.
pub fn first_day(now: DateTime<Utc>) -> NaiveDate {
    now.date_naive()
        .checked_sub_days(Days::new(USAGE_DAYS - 1))
        .unwrap_or(NaiveDate::MIN)
}

fn day_usage((day, requests, failed, credits, latency): Row) -> DayUsage {
    DayUsage {
        day,
        requests,
        failed,
        credits,
        latencies: Latencies::stored(&latency),
    }
}
