//! Changing what a key is called, for how long it lives, what it may do, how much and from where.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::db::DbError;
use crate::db::api_keys::ALREADY_REVOKED;
use crate::db::api_keys::find;
use crate::db::api_keys::settings;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::key_changes;
use crate::db::schema::api_keys;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::KeyName;
use crate::domain::audit::Action;
use crate::domain::grant::Grant;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;
use crate::domain::text::TextFault;

/// `DbError::Conflict` with this: the key is no longer the version that was edited.
pub const EDITED_MEANWHILE: &str = "api_keys_edited_meanwhile";

/// `DbError::Conflict` with this: an expired key was to live on.
pub const EXPIRY_PAST: &str = "api_keys_expiry_past";

/// All that an edit can change, as it is to be. `version` is the one that was looked at.
#[derive(Debug, Clone)]
pub struct KeyEdit {
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub id: ApiKeyId,
    pub version: i32,
    pub name: KeyName,
    pub category: String,
    pub note: String,
    pub expires_at: Option<DateTime<Utc>>,
    pub grant: Grant,
    pub limits: KeyLimits,
    pub network: Network,
}

impl KeyEdit {
    /// The key as it is.
    pub fn of(key: &ApiKey) -> Result<Self, TextFault> {
        Ok(Self {
            account_id: key.account_id,
            workspace_id: key.workspace_id,
            id: key.id,
            version: key.version,
            name: key.name.parse()?,
            category: key.category.clone(),
            note: key.note.clone(),
            expires_at: key.times.expires_at,
            grant: key.grant.clone(),
            limits: key.limits,
            network: key.network.clone(),
        })
    }
}

/// What became of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// It was all so already; nothing was written.
    Nothing,
    /// Only what people read: no node needs to know.
    NoteOnly,
    /// By the change of this number.
    Changed(i64),
}

/// Writes what differs, with its audit row, or nothing.
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    edit: &KeyEdit,
) -> Result<Edited, DbError> {
    conn.transaction(|conn| {
        lock(conn, edit)?;
        let key = find(conn, edit.account_id, edit.workspace_id, edit.id)?;
        let expired = key.times.expires_at.is_some_and(|at| now >= at);
        if expired && edit.expires_at != key.times.expires_at {
            return Err(DbError::Conflict(EXPIRY_PAST.to_owned()));
        }
        let (before, after) = differing(facts_before(&key), facts_after(edit));
        if before.is_empty() {
            return Ok(Edited::Nothing);
        }
        let note_only = before.keys().eq(["note"]);
        write(conn, edit)?;
        let target = Target {
            kind: "key",
            id: edit.id.as_str(),
            label: edit.name.as_str(),
        };
        let entry = AuditEntry {
            before: Some(before.into()),
            ..AuditEntry::new(Action::KeyUpdated, target)
                .in_workspace(edit.account_id, edit.workspace_id)
                .after(after.into())
        };
        audit_log::insert(conn, actor, now, &entry)?;
        if note_only {
            return Ok(Edited::NoteOnly);
        }
        Ok(Edited::Changed(key_changes::drawn_here(conn)?))
    })
}

/// From here to the commit nobody else changes the key.
fn lock(conn: &mut PgConnection, edit: &KeyEdit) -> Result<(), DbError> {
    let (version, revoked_at): (i32, Option<DateTime<Utc>>) = api_keys::table
        .filter(api_keys::account_id.eq(edit.account_id.0))
        .filter(api_keys::workspace_id.eq(edit.workspace_id.0))
        .filter(api_keys::id.eq(edit.id.as_str()))
        .select((api_keys::version, api_keys::revoked_at))
        .for_update()
        .first(conn)?;
    if revoked_at.is_some() {
        return Err(DbError::Conflict(ALREADY_REVOKED.to_owned()));
    }
    if version != edit.version {
        return Err(DbError::Conflict(EDITED_MEANWHILE.to_owned()));
    }
    Ok(())
}

fn write(conn: &mut PgConnection, edit: &KeyEdit) -> Result<(), DbError> {
    diesel::update(api_keys::table.find((edit.account_id.0, edit.id.as_str())))
        .set((
            api_keys::name.eq(edit.name.as_str()),
            api_keys::name_folded.eq(edit.name.folded()),
            api_keys::category.eq(&edit.category),
            api_keys::note.eq(&edit.note),
            api_keys::expires_at.eq(edit.expires_at),
            api_keys::preset.eq(&edit.grant.scope),
            api_keys::preset_version.eq(edit.grant.version),
            api_keys::permissions.eq(settings::permissions(&edit.grant)),
            api_keys::resources.eq(settings::resources(&edit.grant)),
            api_keys::allowed_ips.eq(settings::ips(&edit.network)),
            api_keys::allowed_origins.eq(settings::origins(&edit.network)),
            api_keys::version.eq(api_keys::version + 1),
        ))
        .execute(conn)?;
    settings::write_limits(conn, (edit.account_id, edit.id), &edit.limits)
}

fn facts_before(key: &ApiKey) -> Value {
    json!({
        "name": key.name,
        "category": key.category,
        "note": key.note,
        "expires_at": key.times.expires_at,
        "grant": settings::grant_facts(&key.grant),
        "limits": settings::limit_facts(&key.limits),
        "network": settings::network_facts(&key.network),
    })
}

fn facts_after(edit: &KeyEdit) -> Value {
    json!({
        "name": edit.name.as_str(),
        "category": edit.category,
        "note": edit.note,
        "expires_at": edit.expires_at,
        "grant": settings::grant_facts(&edit.grant),
        "limits": settings::limit_facts(&edit.limits),
        "network": settings::network_facts(&edit.network),
    })
}

type Facts = Map<String, Value>;

/// Only what is not the same in both.
fn differing(before: Value, after: Value) -> (Facts, Facts) {
    let (Value::Object(mut before), Value::Object(mut after)) = (before, after) else {
        return (Facts::new(), Facts::new());
    };
    let same: Vec<String> = before
        .iter()
        .filter(|(name, value)| after.get(*name) == Some(*value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        before.remove(&name);
        after.remove(&name);
    }
    (before, after)
}
