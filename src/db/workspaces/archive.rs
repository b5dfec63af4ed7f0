//! A workspace put away with its keys, and brought back without them going on by themselves.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Inet;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid;
use ipnet::IpNet;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::key_changes;
use crate::db::schema::workspaces;
use crate::db::workspaces::change;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::audit::Action;

/// `DbError::Conflict` with this: the account has no other workspace that is not archived.
pub const LAST_WORKSPACE: &str = "workspaces_last";

/// What archiving did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archived {
    /// So many keys worked and are disabled now.
    pub keys: i64,
    /// The number of the change that nodes have to apply; `None` where no key worked.
    pub seq: Option<i64>,
}

/// Disables every key that works, with an audit row for each, in one statement.
const DISABLE_ALL: &str = "
    with stopped as (
        update api_keys
        set disabled_at = $3, disabled_by = $4, version = version + 1
        where account_id = $1 and workspace_id = $2 and revoked_at is null
            and disabled_at is null and (expires_at is null or expires_at > $3)
        returning id, name
    ), noted as (
        insert into audit_log (account_id, workspace_id, at, actor_kind, actor_id, actor_label,
            action, target_kind, target_id, target_label, before, after, reason, ip, request_id)
        select $1, $2, $3, $5, $6, $7, $8, 'key', id, name,
            '{\"disabled_at\": null}'::jsonb, jsonb_build_object('disabled_at', $3),
            'workspace archived', $9, $10
        from stopped
    )
    select count(*) as keys from stopped";

#[derive(QueryableByName)]
struct Stopped {
    #[diesel(sql_type = BigInt)]
    keys: i64,
}

/// Archives the workspace and disables its keys, all or none. `None` if it is archived already.
pub fn archive(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, workspace): (AccountId, WorkspaceId),
) -> Result<Option<Archived>, DbError> {
    conn.transaction(|conn| {
        let all = change::lock_all(conn, account)?;
        let old = change::locked(conn, account, workspace)?;
        if old.archived_at.is_some() {
            return Ok(None);
        }
        if !all
            .iter()
            .any(|(id, _, _, end)| *id != old.id && end.is_none())
        {
            return Err(DbError::Conflict(LAST_WORKSPACE.to_owned()));
        }
        let keys = disable_all(conn, actor, now, (account, workspace))?;
        let seq = (keys > 0)
            .then(|| key_changes::drawn_here(conn))
            .transpose()?;
        diesel::update(workspaces::table.find((account.0, workspace.0)))
            .set(workspaces::archived_at.eq(now))
            .execute(conn)?;
        let entry = AuditEntry::new(Action::WorkspaceArchived, old.target())
            .in_workspace(account, workspace)
            .after(json!({ "keys_disabled": keys }));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(Some(Archived { keys, seq }))
    })
}

/// Brings the workspace back. Its keys stay disabled: who wants one to work enables it. `false` if
/// it is not archived.
pub fn restore(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, workspace): (AccountId, WorkspaceId),
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        let all = change::lock_all(conn, account)?;
        let old = change::locked(conn, account, workspace)?;
        if old.archived_at.is_none() {
            return Ok(false);
        }
        change::require_free(&all, &old.name, Some(workspace))?;
        diesel::update(workspaces::table.find((account.0, workspace.0)))
            .set(workspaces::archived_at.eq(None::<DateTime<Utc>>))
            .execute(conn)?;
        let entry = AuditEntry::new(Action::WorkspaceRestored, old.target())
            .in_workspace(account, workspace);
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(true)
    })
}

fn disable_all(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, workspace): (AccountId, WorkspaceId),
) -> Result<i64, DbError> {
    let by = match actor.kind {
        ActorKind::Person(id) | ActorKind::Support { person: id, .. } => Some(id),
        ActorKind::Key(_) | ActorKind::System => None,
    };
    let stopped: Stopped = diesel::sql_query(DISABLE_ALL)
        .bind::<Integer, _>(account.0)
        .bind::<Integer, _>(workspace.0)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Uuid>, _>(by)
        .bind::<Text, _>(actor.kind_name())
        .bind::<Text, _>(actor.id())
        .bind::<Text, _>(&actor.label)
        .bind::<Text, _>(Action::KeyDisabled.code())
        .bind::<Nullable<Inet>, _>(actor.ip.map(IpNet::from))
        .bind::<Nullable<Text>, _>(actor.request_id.as_deref())
        .get_result(conn)?;
    Ok(stopped.keys)
}
