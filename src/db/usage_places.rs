//! Accounts and workspaces by the names that the operator's back ends know them by.

use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Int4;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;

/// Where usage is said to have happened.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Public id, domain or customer id.
    pub account: &'a str,
    /// Public id or slug.
    pub workspace: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Place(AccountId, Option<WorkspaceId>),
    NoAccount,
    /// One account's domain is another's customer id.
    TwoAccounts,
    NoWorkspace,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    accounts: i64,
    #[diesel(sql_type = Nullable<Int4>)]
    account_id: Option<i32>,
    #[diesel(sql_type = Nullable<Int4>)]
    workspace_id: Option<i32>,
}

/// One account may have the same domain and customer id, so accounts are counted, not names.
/// Archived workspaces are found: what was used there was used.
const FIND: &str = "\
    select coalesce(account.count, 0) as accounts, account.id as account_id, workspace.id as workspace_id
      from unnest($1, $2) with ordinality as named (account, workspace, place)
      left join lateral (
            select min(id) as id, count(*) as count from (
                select id from accounts where public_id = named.account
                union
                select id from accounts where domain = named.account
                union
                select id from accounts where customer_id = named.account) any_name) account on true
      left join lateral (
            select id from workspaces
             where workspaces.account_id = account.id
               and named.workspace in (workspaces.public_id, workspaces.slug)
             order by workspaces.public_id = named.workspace desc
             limit 1) workspace on true
     order by named.place";

/// One answer for each of `places`, in their order.
pub fn find(conn: &mut PgConnection, places: &[Place<'_>]) -> Result<Vec<Found>, DbError> {
    let accounts: Vec<&str> = places.iter().map(|place| place.account).collect();
    let workspaces: Vec<Option<&str>> = places.iter().map(|place| place.workspace).collect();
    let rows: Vec<Row> = diesel::sql_query(FIND)
        .bind::<Array<Text>, _>(accounts)
        .bind::<Array<Nullable<Text>>, _>(workspaces)
        .load(conn)?;
    let found = |(row, place): (Row, &Place<'_>)| match row.account_id {
        None => Found::NoAccount,
        Some(_) if row.accounts > 1 => Found::TwoAccounts,
        Some(_) if place.workspace.is_some() && row.workspace_id.is_none() => Found::NoWorkspace,
        Some(account) => Found::Place(AccountId(account), row.workspace_id.map(WorkspaceId)),
    };
    Ok(rows.into_iter().zip(places).map(found).collect())
}
