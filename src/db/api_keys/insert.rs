use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::crypto::digest::Digest;
use crate::crypto::digest::PEPPER_VERSION;
use crate::db::DbError;
use crate::db::api_keys::settings;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::key_changes;
use crate::db::members;
use crate::db::schema::api_keys;
use crate::db::schema::key_secrets;
use crate::db::schema::memberships;
use crate::db::schema::workspace_memberships;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::KeyName;
use crate::domain::audit::Action;
use crate::domain::grant::Grant;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;
use crate::domain::person::UserId;

/// `DbError::Conflict` with this: another key of the account, not revoked, has the name.
pub const NAME_TAKEN: &str = "api_keys_name_key";

/// `DbError::Conflict` with this: the same form was sent before and made its key.
pub const OPERATION_REPEATED: &str = "api_keys_operation_key";

/// `DbError::Conflict` with this: the workspace has `WORKSPACE_KEYS_MAX` keys.
pub const TOO_MANY: &str = "api_keys_workspace_max";

/// Keys of one workspace that are not revoked. Every node holds each of them in memory, so that
/// nobody may make them in a loop for ever.
pub const WORKSPACE_KEYS_MAX: i64 = 20_000;

/// A key's first secret has this generation.
const FIRST_GENERATION: i16 = 1;

pub struct NewApiKey {
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub id: ApiKeyId,
    pub name: KeyName,
    pub category: String,
    pub note: String,
    pub grant: Grant,
    pub limits: KeyLimits,
    pub network: Network,
    pub created_by: UserId,
    pub expires_at: Option<DateTime<Utc>>,
    pub operation: Uuid,
    pub digest: Digest,
    pub last_four: String,
}

/// Makes the key, its first secret and the audit row, or nothing.
pub fn insert(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    new: &NewApiKey,
) -> Result<i64, DbError> {
    conn.transaction(|conn| {
        hold_membership(conn, actor, new)?;
        require_room(conn, new)?;
        insert_key(conn, now, new)?;
        diesel::insert_into(key_secrets::table)
            .values((
                key_secrets::account_id.eq(new.account_id.0),
                key_secrets::key_id.eq(new.id.as_str()),
                key_secrets::generation.eq(FIRST_GENERATION),
                key_secrets::digest.eq(new.digest.as_bytes()),
                key_secrets::pepper_version.eq(PEPPER_VERSION),
                key_secrets::last_four.eq(&new.last_four),
                key_secrets::created_at.eq(now),
            ))
            .execute(conn)?;
        settings::write_limits(conn, (new.account_id, new.id), &new.limits)?;
        audit_log::insert(conn, actor, now, &audit_entry(new))?;
        key_changes::drawn_here(conn)
    })
}

/// Who makes a key belongs where it is made until it is there: whoever removes them meanwhile waits,
/// and finds it among their keys.
fn hold_membership(conn: &mut PgConnection, actor: &Actor, new: &NewApiKey) -> Result<(), DbError> {
    if actor.kind != ActorKind::Person(new.created_by) {
        return Ok(());
    }
    let role: String = memberships::table
        .find((new.account_id.0, new.created_by))
        .select(memberships::role)
        .for_key_share()
        .first(conn)?;
    if members::in_account(&role)?.everywhere().is_none() {
        workspace_memberships::table
            .find((new.account_id.0, new.workspace_id.0, new.created_by))
            .select(workspace_memberships::role)
            .for_key_share()
            .first::<String>(conn)?;
    }
    Ok(())
}

/// Two at once may both be the last, which does no harm.
fn require_room(conn: &mut PgConnection, new: &NewApiKey) -> Result<(), DbError> {
    let last: Option<String> = api_keys::table
        .filter(api_keys::account_id.eq(new.account_id.0))
        .filter(api_keys::workspace_id.eq(new.workspace_id.0))
        .filter(api_keys::revoked_at.is_null())
        .offset(WORKSPACE_KEYS_MAX - 1)
        .limit(1)
        .select(api_keys::id)
        .first(conn)
        .optional()?;
    if last.is_some() {
        return Err(DbError::Conflict(TOO_MANY.to_owned()));
    }
    Ok(())
}

fn insert_key(conn: &mut PgConnection, now: DateTime<Utc>, new: &NewApiKey) -> Result<(), DbError> {
    diesel::insert_into(api_keys::table)
        .values((
            api_keys::account_id.eq(new.account_id.0),
            api_keys::id.eq(new.id.as_str()),
            api_keys::workspace_id.eq(new.workspace_id.0),
            api_keys::name.eq(new.name.as_str()),
            api_keys::name_folded.eq(new.name.folded()),
            api_keys::category.eq(&new.category),
            api_keys::note.eq(&new.note),
            api_keys::preset.eq(&new.grant.scope),
            api_keys::preset_version.eq(new.grant.version),
            api_keys::permissions.eq(settings::permissions(&new.grant)),
            api_keys::resources.eq(settings::resources(&new.grant)),
            api_keys::allowed_ips.eq(settings::ips(&new.network)),
            api_keys::allowed_origins.eq(settings::origins(&new.network)),
            api_keys::created_by.eq(new.created_by),
            api_keys::created_at.eq(now),
            api_keys::expires_at.eq(new.expires_at),
            api_keys::operation.eq(new.operation),
        ))
        .execute(conn)?;
    Ok(())
}

fn audit_entry(new: &NewApiKey) -> AuditEntry<'_> {
    AuditEntry {
        account: Some(new.account_id),
        workspace: Some(new.workspace_id),
        action: Action::KeyCreated,
        target_kind: "key",
        target_id: new.id.as_str(),
        target_label: new.name.as_str(),
        before: None,
        after: Some(json!({
            "name": new.name.as_str(),
            "category": new.category,
            "expires_at": new.expires_at,
            "note": new.note,
            "grant": settings::grant_facts(&new.grant),
            "limits": settings::limit_facts(&new.limits),
            "network": settings::network_facts(&new.network),
        })),
        reason: None,
    }
}
