//! A key switched off, and on again. All else of it stays as it is.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::key_changes;
use crate::db::schema::api_keys;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::api_key::ApiKeyId;
use crate::domain::audit::Action;

/// `DbError::Conflict` with this: the key is so already, or revoked.
pub const NOTHING_TO_SWITCH: &str = "api_keys_nothing_to_switch";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    Off,
    On,
}

/// The key, in its account and workspace.
pub type KeyPlace = (AccountId, WorkspaceId, ApiKeyId);

/// Disables or enables the key and tells the sequence of the change.
pub fn switch(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, workspace, id): KeyPlace,
    switch: Switch,
) -> Result<i64, DbError> {
    conn.transaction(|conn| {
        let key = api_keys::table
            .filter(api_keys::account_id.eq(account.0))
            .filter(api_keys::workspace_id.eq(workspace.0))
            .filter(api_keys::id.eq(id.as_str()));
        let (name, before, revoked_at): (String, Option<DateTime<Utc>>, Option<DateTime<Utc>>) =
            key.select((api_keys::name, api_keys::disabled_at, api_keys::revoked_at))
                .for_update()
                .first(conn)?;
        if revoked_at.is_some() || before.is_some() == (switch == Switch::Off) {
            return Err(DbError::Conflict(NOTHING_TO_SWITCH.to_owned()));
        }
        let after = (switch == Switch::Off).then_some(now);
        let by = after.and(person(actor));
        diesel::update(key)
            .set((
                api_keys::disabled_at.eq(after),
                api_keys::disabled_by.eq(by),
                api_keys::version.eq(api_keys::version + 1),
            ))
            .execute(conn)?;
        let action = match switch {
            Switch::Off => Action::KeyDisabled,
            Switch::On => Action::KeyEnabled,
        };
        let target = Target {
            kind: "key",
            id: id.as_str(),
            label: &name,
        };
        let entry = AuditEntry {
            before: Some(json!({ "disabled_at": before })),
            ..AuditEntry::new(action, target)
                .in_workspace(account, workspace)
                .after(json!({ "disabled_at": after }))
        };
        audit_log::insert(conn, actor, now, &entry)?;
        key_changes::drawn_here(conn)
    })
}

pub(super) fn person(actor: &Actor) -> Option<uuid::Uuid> {
    match actor.kind {
        ActorKind::Person(id) | ActorKind::Support { person: id, .. } => Some(id),
        ActorKind::Key(_) | ActorKind::System => None,
    }
}
