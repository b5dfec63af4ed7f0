//! Keys, with their limits and secrets: all of them, or those that changes name.

use diesel::data_types::PgTimestamp;
use diesel::prelude::*;
use uuid::Uuid;

use crate::crypto::digest::Digest;
use crate::db::DbError;
use crate::db::copy::Texts;
use crate::db::schema::api_keys;
use crate::db::schema::key_limits;
use crate::db::schema::key_secrets;

/// A key as it is stored, wherever its texts lie.
pub struct KeyRow<'a> {
    pub account_id: i32,
    pub id: &'a str,
    pub workspace_id: i32,
    pub name: &'a str,
    pub category: &'a str,
    pub preset: &'a str,
    pub preset_version: i32,
    /// `None` for a service key.
    pub owner_id: Option<Uuid>,
    pub expires_at: Option<PgTimestamp>,
    pub disabled_at: Option<PgTimestamp>,
    pub revoked_at: Option<PgTimestamp>,
    pub permissions: Texts<'a>,
    pub resources: Texts<'a>,
    pub allowed_ips: Texts<'a>,
    pub allowed_origins: Texts<'a>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = key_limits)]
pub struct LimitsRow {
    pub total: Option<i64>,
    pub daily: Option<i64>,
    pub weekly: Option<i64>,
    pub monthly: Option<i64>,
}

pub struct SecretRow {
    pub generation: i16,
    /// `None` if it is none.
    pub digest: Option<Digest>,
    pub retires_at: Option<PgTimestamp>,
}

/// A key and all that belongs to it.
pub struct StoredKey {
    columns: KeyColumns,
    pub limits: Option<LimitsRow>,
    pub secrets: Vec<SecretRow>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys)]
struct KeyColumns {
    account_id: i32,
    id: String,
    workspace_id: i32,
    name: String,
    category: String,
    preset: String,
    preset_version: i32,
    owner_id: Option<Uuid>,
    expires_at: Option<PgTimestamp>,
    disabled_at: Option<PgTimestamp>,
    revoked_at: Option<PgTimestamp>,
    permissions: Vec<Option<String>>,
    resources: Vec<Option<String>>,
    allowed_ips: Vec<Option<String>>,
    allowed_origins: Vec<Option<String>>,
}

impl StoredKey {
    pub fn id(&self) -> &str {
        &self.columns.id
    }

    pub fn row(&self) -> KeyRow<'_> {
        let key = &self.columns;
        KeyRow {
            account_id: key.account_id,
            id: &key.id,
            workspace_id: key.workspace_id,
            name: &key.name,
            category: &key.category,
            preset: &key.preset,
            preset_version: key.preset_version,
            owner_id: key.owner_id,
            expires_at: key.expires_at,
            disabled_at: key.disabled_at,
            revoked_at: key.revoked_at,
            permissions: Texts::Read(&key.permissions),
            resources: Texts::Read(&key.resources),
            allowed_ips: Texts::Read(&key.allowed_ips),
            allowed_origins: Texts::Read(&key.allowed_origins),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = key_secrets)]
struct SecretColumns {
    generation: i16,
    digest: Vec<u8>,
    retires_at: Option<PgTimestamp>,
}

impl From<SecretColumns> for SecretRow {
    fn from(stored: SecretColumns) -> Self {
        Self {
            generation: stored.generation,
            digest: Digest::from_stored(&stored.digest),
            retires_at: stored.retires_at,
        }
    }
}

/// How a key finds its secrets.
#[diesel::dsl::auto_type(no_type_alias)]
fn secret_of_key() -> _ {
    key_secrets::account_id
        .eq(api_keys::account_id)
        .and(key_secrets::key_id.eq(api_keys::id))
}

/// How a key finds its limits, if it has any.
#[diesel::dsl::auto_type(no_type_alias)]
fn limits_of_key() -> _ {
    key_limits::account_id
        .eq(api_keys::account_id)
        .and(key_limits::key_id.eq(api_keys::id))
}

type Columns = (KeyColumns, Option<LimitsRow>, Option<SecretColumns>);

/// The named keys of one account that still exist.
pub fn keys(
    conn: &mut PgConnection,
    account: i32,
    ids: &[String],
) -> Result<Vec<StoredKey>, DbError> {
    let rows: Vec<Columns> = api_keys::table
        .left_join(key_secrets::table.on(secret_of_key()))
        .left_join(key_limits::table.on(limits_of_key()))
        .filter(
            api_keys::account_id
                .eq(account)
                .and(api_keys::id.eq_any(ids)),
        )
        .order(api_keys::id)
        .select((
            KeyColumns::as_select(),
            Option::<LimitsRow>::as_select(),
            Option::<SecretColumns>::as_select(),
        ))
        .load(conn)?;
    let mut keys: Vec<StoredKey> = Vec::new();
    for (columns, limits, secret) in rows {
        let secret = secret.map(SecretRow::from);
        match keys.last_mut() {
            Some(same) if same.columns.id == columns.id => same.secrets.extend(secret),
            _ => keys.push(StoredKey {
                columns,
                limits,
                secrets: Vec::from_iter(secret),
            }),
        }
    }
    Ok(keys)
}
