//! Use into the rollups.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::Date;
use diesel::sql_types::Int4;
use diesel::sql_types::Int8;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::meter::MeterSource;

/// One day (UTC) of a meter in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MeterDay {
    pub account: AccountId,
    pub meter: Cow<'static, str>,
    pub day: NaiveDate,
    /// `NO_WORKSPACE` where none is told.
    pub workspace: WorkspaceId,
}

/// Rows are touched in the order of their keys, so that those who add at the same time do not
/// deadlock.
pub fn add(
    conn: &mut PgConnection,
    source: MeterSource,
    days: &BTreeMap<MeterDay, i64>,
) -> Result<(), DbError> {
    if days.is_empty() {
        return Ok(());
    }
    let accounts: Vec<i32> = days.keys().map(|at| at.account.0).collect();
    let workspaces: Vec<i32> = days.keys().map(|at| at.workspace.0).collect();
    let meters: Vec<&str> = days.keys().map(|at| &*at.meter).collect();
    let dates: Vec<NaiveDate> = days.keys().map(|at| at.day).collect();
    let amounts: Vec<i64> = days.values().copied().collect();
    diesel::sql_query(
        "insert into meter_usage_daily as old
             (account_id, workspace_id, meter, day, amount, source)
         select *, $6 from unnest($1, $2, $3, $4, $5)
         on conflict (account_id, meter, day, workspace_id, source) do update set
             amount = old.amount + excluded.amount",
    )
    .bind::<Array<Int4>, _>(accounts)
    .bind::<Array<Int4>, _>(workspaces)
    .bind::<Array<Text>, _>(meters)
    .bind::<Array<Date>, _>(dates)
    .bind::<Array<Int8>, _>(amounts)
    .bind::<Text, _>(source.as_str())
    .execute(conn)?;
    Ok(())
}
