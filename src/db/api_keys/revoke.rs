use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::key_changes;
use crate::db::schema::api_keys;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKeyId;
use crate::domain::audit::Action;

/// `DbError::Conflict` with this: somebody was faster.
pub const ALREADY_REVOKED: &str = "api_keys_already_revoked";

pub struct Revocation<'a> {
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub id: ApiKeyId,
    pub reason: Option<&'a str>,
}

/// Ends the key for ever and tells the sequence of the change, for whoever waits until every node
/// has applied it.
pub fn revoke(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    revocation: &Revocation<'_>,
) -> Result<i64, DbError> {
    conn.transaction(|conn| {
        let key = api_keys::table
            .filter(api_keys::account_id.eq(revocation.account_id.0))
            .filter(api_keys::workspace_id.eq(revocation.workspace_id.0))
            .filter(api_keys::id.eq(revocation.id.as_str()));
        let (name, revoked_at): (String, Option<DateTime<Utc>>) = key
            .select((api_keys::name, api_keys::revoked_at))
            .for_update()
            .first(conn)?;
        if revoked_at.is_some() {
            return Err(DbError::Conflict(ALREADY_REVOKED.to_owned()));
        }
        diesel::update(key)
            .set((
                api_keys::revoked_at.eq(now),
                api_keys::revoked_by.eq(&actor.label),
                api_keys::revoked_reason.eq(revocation.reason),
                api_keys::version.eq(api_keys::version + 1),
            ))
            .execute(conn)?;
        audit_log::insert(conn, actor, now, &audit_entry(revocation, &name, now))?;
        key_changes::drawn_here(conn)
    })
}

fn audit_entry<'a>(
    revocation: &'a Revocation<'_>,
    name: &'a str,
    now: DateTime<Utc>,
) -> AuditEntry<'a> {
    AuditEntry {
        account: Some(revocation.account_id),
        workspace: Some(revocation.workspace_id),
        action: Action::KeyRevoked,
        target_kind: "key",
        target_id: revocation.id.as_str(),
        target_label: name,
        before: Some(json!({ "revoked_at": null })),
        after: Some(json!({ "revoked_at": now })),
        reason: revocation.reason,
    }
}
