use chrono::DateTime;
use chrono::Utc;
use diesel::dsl::max;
use diesel::prelude::*;
use ipnet::IpNet;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::api_keys::owner_row::OwnerRow;
use crate::db::api_keys::settings_row::LimitsRow;
use crate::db::api_keys::settings_row::SettingsRow;
use crate::db::schema::api_keys;
use crate::db::schema::catalogue_versions;
use crate::db::schema::key_limits;
use crate::db::schema::key_secrets;
use crate::db::schema::memberships;
use crate::db::schema::presets;
use crate::db::schema::users;
use crate::db::schema::workspace_memberships;
use crate::db::schema::workspaces;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::KeyName;
use crate::domain::api_key::KeySecret;
use crate::domain::grant::Permissions;
use crate::domain::key_state::KeyTimes;
use crate::domain::person::UserId;

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys, check_for_backend(diesel::pg::Pg))]
struct KeyRow {
    account_id: i32,
    workspace_id: i32,
    name: String,
    category: String,
    note: String,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    disabled_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    revoked_by: Option<String>,
    revoked_reason: Option<String>,
    first_used_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    last_used_ip: Option<IpNet>,
    few_permissions: Vec<Option<String>>,
    version: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = key_secrets, check_for_backend(diesel::pg::Pg))]
struct SecretRow {
    generation: i16,
    last_four: String,
    created_at: DateTime<Utc>,
    retires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    requests: i64,
    requests_before: Option<i64>,
    extended_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = presets, check_for_backend(diesel::pg::Pg))]
struct ScopeRow {
    label: String,
    permissions: Vec<Option<String>>,
}

type Found = (
    KeyRow,
    SettingsRow,
    Option<LimitsRow>,
    ScopeRow,
    (String, String),
    Option<OwnerRow>,
    SecretRow,
    Option<i32>,
);

/// The key with its secrets, if this workspace has it.
pub fn find(
    conn: &mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
    id: ApiKeyId,
) -> Result<ApiKey, DbError> {
    let latest_version = catalogue_versions::table
        .select(max(catalogue_versions::version))
        .single_value();
    let creators = diesel::alias!(users as creators);
    let rows: Vec<Found> = api_keys::table
        .inner_join(
            key_secrets::table.on(key_secrets::account_id
                .eq(api_keys::account_id)
                .and(key_secrets::key_id.eq(api_keys::id))),
        )
        .left_join(
            key_limits::table.on(key_limits::account_id
                .eq(api_keys::account_id)
                .and(key_limits::key_id.eq(api_keys::id))),
        )
        .inner_join(creators.on(creators.field(users::id).eq(api_keys::created_by)))
        .left_join(users::table.on(api_keys::owner_id.eq(users::id.nullable())))
        .left_join(
            memberships::table.on(memberships::account_id
                .eq(api_keys::account_id)
                .and(api_keys::owner_id.eq(memberships::user_id.nullable()))),
        )
        .left_join(
            workspace_memberships::table.on(workspace_memberships::account_id
                .eq(api_keys::account_id)
                .and(workspace_memberships::workspace_id.eq(api_keys::workspace_id))
                .and(api_keys::owner_id.eq(workspace_memberships::user_id.nullable()))),
        )
        .inner_join(
            presets::table.on(presets::slug
                .eq(api_keys::preset)
                .and(presets::version.eq(api_keys::preset_version))),
        )
        .filter(api_keys::account_id.eq(account.0))
        .filter(api_keys::workspace_id.eq(workspace.0))
        .filter(api_keys::id.eq(id.as_str()))
        .order(key_secrets::generation)
        .select((
            KeyRow::as_select(),
            SettingsRow::as_select(),
            Option::<LimitsRow>::as_select(),
            ScopeRow::as_select(),
            (creators.field(users::name), creators.field(users::email)),
            Option::<OwnerRow>::as_select(),
            SecretRow::as_select(),
            latest_version,
        ))
        .load(conn)?;
    key_of(id, rows)
}

/// Rows differ in their secret only.
fn key_of(id: ApiKeyId, rows: Vec<Found>) -> Result<ApiKey, DbError> {
    let mut secrets = Vec::with_capacity(rows.len());
    let mut last = None;
    for (key, settings, limits, scope, creator, owner, secret, offer_version) in rows {
        secrets.push(secret_of(secret));
        last = Some((
            key,
            settings,
            limits,
            scope,
            (creator, owner),
            offer_version,
        ));
    }
    let (key, settings, limits, scope, (creator, owner), offer_version) =
        last.ok_or(DbError::NotFound)?;
    let limits = limits.map(LimitsRow::limits).transpose()?;
    Ok(ApiKey {
        account_id: AccountId(key.account_id),
        workspace_id: WorkspaceId(key.workspace_id),
        id,
        name: key.name,
        category: key.category,
        note: key.note,
        scope: scope.label,
        granted: Permissions::new(scope.permissions.into_iter().flatten()),
        network: settings.network()?,
        grant: settings.grant(),
        limits: limits.unwrap_or_default(),
        created_by: key.created_by,
        owner: owner.map(OwnerRow::owner).transpose()?,
        creator_name: creator.0,
        creator_email: creator.1,
        created_at: key.created_at,
        times: KeyTimes {
            revoked_at: key.revoked_at,
            disabled_at: key.disabled_at,
            expires_at: key.expires_at,
            retires_at: secrets.iter().filter_map(|secret| secret.retires_at).max(),
        },
        revoked_by: key.revoked_by,
        revoked_reason: key.revoked_reason,
        first_used_at: key.first_used_at,
        last_used_at: key.last_used_at,
        last_used_ip: key.last_used_ip.map(|net| net.addr()),
        few_permissions: key.few_permissions.into_iter().flatten().collect(),
        version: key.version,
        offer_version,
        secrets,
    })
}

fn secret_of(row: SecretRow) -> KeySecret {
    KeySecret {
        generation: row.generation,
        last_four: row.last_four,
        created_at: row.created_at,
        retires_at: row.retires_at,
        last_used_at: row.last_used_at,
        requests: row.requests,
        requests_before: row.requests_before,
        extended_at: row.extended_at,
    }
}

/// The key that a form made when it was sent the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    pub key_id: String,
    pub workspace_slug: String,
}

/// The key that `creator` made with this one-use operation id, if there is one.
pub fn find_by_operation(
    conn: &mut PgConnection,
    account: AccountId,
    creator: UserId,
    operation: Uuid,
) -> Result<Option<Creation>, DbError> {
    let found = api_keys::table
        .inner_join(
            workspaces::table.on(workspaces::account_id
                .eq(api_keys::account_id)
                .and(workspaces::id.eq(api_keys::workspace_id))),
        )
        .filter(api_keys::account_id.eq(account.0))
        .filter(api_keys::operation.eq(operation))
        .filter(api_keys::created_by.eq(creator))
        .select((api_keys::id, workspaces::slug))
        .first::<(String, String)>(conn)
        .optional()?;
    Ok(found.map(|(key_id, workspace_slug)| Creation {
        key_id,
        workspace_slug,
    }))
}

/// The key that has a wanted name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameHolder {
    pub key_id: String,
    pub name: String,
    pub workspace_id: WorkspaceId,
    pub workspace_name: String,
    pub workspace_slug: String,
}

/// Who has this name now, among keys not revoked.
pub fn name_holder(
    conn: &mut PgConnection,
    account: AccountId,
    name: &KeyName,
) -> Result<Option<NameHolder>, DbError> {
    let found = api_keys::table
        .inner_join(
            workspaces::table.on(workspaces::account_id
                .eq(api_keys::account_id)
                .and(workspaces::id.eq(api_keys::workspace_id))),
        )
        .filter(api_keys::account_id.eq(account.0))
        .filter(api_keys::name_folded.eq(name.folded()))
        .filter(api_keys::revoked_at.is_null())
        .select((
            api_keys::id,
            api_keys::name,
            workspaces::id,
            workspaces::name,
            workspaces::slug,
        ))
        .first::<(String, String, i32, String, String)>(conn)
        .optional()?;
    Ok(found.map(
        |(key_id, name, workspace, workspace_name, workspace_slug)| NameHolder {
            key_id,
            name,
            workspace_id: WorkspaceId(workspace),
            workspace_name,
            workspace_slug,
        },
    ))
}

/// When the key was used first; `None` inside is "never".
pub fn first_used_at(
    conn: &mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
    id: ApiKeyId,
) -> Result<Option<DateTime<Utc>>, DbError> {
    let at = api_keys::table
        .filter(api_keys::account_id.eq(account.0))
        .filter(api_keys::workspace_id.eq(workspace.0))
        .filter(api_keys::id.eq(id.as_str()))
        .select(api_keys::first_used_at)
        .first(conn)?;
    Ok(at)
}
