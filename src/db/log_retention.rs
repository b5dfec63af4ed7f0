//! Accounts that keep their logs shorter than the installation does.

use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::corrupt;
use crate::db::schema::accounts;
use crate::db::schema::workspaces;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;

/// A workspace of an account that keeps its log for so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortened {
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub days: u16,
}

/// Every workspace whose log is kept for fewer than `days` days, by account.
pub fn shortened(conn: &mut PgConnection, days: u16) -> Result<Vec<Shortened>, DbError> {
    let days = i16::try_from(days).unwrap_or(i16::MAX);
    let rows: Vec<(i32, i32, Option<i16>)> = accounts::table
        .inner_join(workspaces::table.on(workspaces::account_id.eq(accounts::id)))
        .filter(accounts::log_retention_days.lt(days))
        .order((accounts::id, workspaces::id))
        .select((accounts::id, workspaces::id, accounts::log_retention_days))
        .load(conn)?;
    rows.into_iter()
        .map(|(account, workspace, days)| {
            Ok(Shortened {
                account: AccountId(account),
                workspace: WorkspaceId(workspace),
                days: parse(days)?.unwrap_or(u16::MAX),
            })
        })
        .collect()
}

/// As it is stored.
pub(super) fn parse(days: Option<i16>) -> Result<Option<u16>, DbError> {
    let parsed = days.map(|days| {
        u16::try_from(days)
            .map_err(|_| corrupt("accounts", "log_retention_days", &days.to_string()))
    });
    parsed.transpose()
}

/// Sets for how many days the account's log is kept; `None` for as long as the installation keeps
/// it. Whether anything was different.
pub fn set(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    account: AccountId,
    wanted: Option<u16>,
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        let (id, name, before): (String, String, Option<i16>) = accounts::table
            .find(account.0)
            .select((
                accounts::public_id,
                accounts::name,
                accounts::log_retention_days,
            ))
            .for_update()
            .first(conn)?;
        if parse(before)? == wanted {
            return Ok(false);
        }
        let days = wanted.map(|days| i16::try_from(days).unwrap_or(i16::MAX));
        diesel::update(accounts::table.find(account.0))
            .set(accounts::log_retention_days.eq(days))
            .execute(conn)?;
        let target = Target {
            kind: "account",
            id: &id,
            label: &name,
        };
        let entry = AuditEntry {
            before: Some(json!({ "days": before })),
            after: Some(json!({ "days": wanted })),
            ..AuditEntry::new(Action::LogRetentionChanged, target).in_account(Some(account))
        };
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(true)
    })
}
