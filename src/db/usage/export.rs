//! That somebody took the numbers with them.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::schema::workspaces;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;

/// Notes that somebody takes the usage of a workspace, or of what of it `filter` says.
pub fn note_export(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    ((account, workspace), filter): ((AccountId, WorkspaceId), &str),
) -> Result<(), DbError> {
    let (id, label): (String, String) = workspaces::table
        .filter(workspaces::account_id.eq(account.0))
        .filter(workspaces::id.eq(workspace.0))
        .select((workspaces::public_id, workspaces::name))
        .first(conn)?;
    let target = Target {
        kind: "workspace",
        id: &id,
        label: &label,
    };
    let entry = AuditEntry::new(Action::UsageExported, target)
        .in_workspace(account, workspace)
        .after(json!({ "filter": filter.trim_start_matches('?') }));
    audit_log::insert(conn, actor, now, &entry)?;
    Ok(())
}
