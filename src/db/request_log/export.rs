//! That somebody takes a log away.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::schema::accounts;
use crate::db::schema::workspaces;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;

/// An export, as the audit log tells it.
pub struct LogExport<'a> {
    pub account: AccountId,
    /// `None` for all of the account.
    pub workspace: Option<WorkspaceId>,
    /// As an address writes it.
    pub filter: &'a str,
    pub format: &'a str,
    pub times: (DateTime<Utc>, DateTime<Utc>),
}

pub fn note_export(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    export: &LogExport<'_>,
) -> Result<(), DbError> {
    let account = export.account;
    let (id, label): (String, String) = match export.workspace {
        Some(workspace) => workspaces::table
            .filter(workspaces::account_id.eq(account.0))
            .filter(workspaces::id.eq(workspace.0))
            .select((workspaces::public_id, workspaces::name))
            .first(conn)?,
        None => accounts::table
            .filter(accounts::id.eq(account.0))
            .select((accounts::public_id, accounts::name))
            .first(conn)?,
    };
    let kind = if export.workspace.is_some() {
        "workspace"
    } else {
        "account"
    };
    let target = Target {
        kind,
        id: &id,
        label: &label,
    };
    let (from, to) = export.times;
    let facts = json!({
        "filter": export.filter,
        "format": export.format,
        "from": from,
        "to": to,
    });
    let entry = AuditEntry::new(Action::LogsExported, target).after(facts);
    let entry = match export.workspace {
        Some(workspace) => entry.in_workspace(account, workspace),
        None => entry.in_account(Some(account)),
    };
    audit_log::insert(conn, actor, now, &entry)
}
