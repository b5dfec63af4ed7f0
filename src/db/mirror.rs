//! What a node's mirror reads: everything once, then what `key_changes` names.
//!
//! Times are taken as they are stored: one that nothing here can hold must spoil its own row only.

mod all_keys;
mod keys;
mod mark;
mod members;
mod plans;

use diesel::data_types::PgTimestamp;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::accounts;
use crate::db::schema::key_changes;
use crate::db::schema::presets;
use crate::db::schema::service_credentials;
use crate::db::schema::users;
use crate::db::schema::workspaces;

pub use crate::db::mirror::all_keys::KeyName;
pub use crate::db::mirror::all_keys::each_key;
pub use crate::db::mirror::all_keys::each_limits;
pub use crate::db::mirror::all_keys::each_secret;
pub use crate::db::mirror::keys::KeyRow;
pub use crate::db::mirror::keys::LimitsRow;
pub use crate::db::mirror::keys::SecretRow;
pub use crate::db::mirror::keys::StoredKey;
pub use crate::db::mirror::keys::keys;
pub use crate::db::mirror::mark::Mark;
pub use crate::db::mirror::mark::holds;
pub use crate::db::mirror::mark::last_mark;
pub use crate::db::mirror::members::MemberRows;
pub use crate::db::mirror::members::RoleRow;
pub use crate::db::mirror::members::members;
pub use crate::db::mirror::plans::plans;

/// Changes read at once; more are read in the next round.
pub const CHANGES_MAX: i64 = 1_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = key_changes)]
pub struct ChangeRow {
    pub seq: i64,
    pub kind: String,
    pub account_id: Option<i32>,
    pub subject: String,
    pub at: PgTimestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct AccountRow {
    pub id: i32,
    pub public_id: String,
    pub domain: String,
    pub customer_id: String,
    pub suspended_at: Option<PgTimestamp>,
    pub plan: String,
    pub error_profile: String,
    pub refused_credentials: Vec<Option<String>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = workspaces)]
pub struct WorkspaceRow {
    pub id: i32,
    pub public_id: String,
    pub slug: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct PersonRow {
    pub id: uuid::Uuid,
    pub email: String,
    pub disabled_at: Option<PgTimestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = presets)]
pub struct PresetRow {
    pub slug: String,
    pub version: i32,
    pub permissions: Vec<Option<String>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = service_credentials)]
pub struct CredentialRow {
    pub id: String,
    pub name: String,
    pub digest: Vec<u8>,
    pub revoked_at: Option<PgTimestamp>,
}

/// The highest change so far, 0 if there was none.
pub fn last_seq(conn: &mut PgConnection) -> Result<i64, DbError> {
    let last: Option<i64> = key_changes::table
        .select(diesel::dsl::max(key_changes::seq))
        .first(conn)?;
    Ok(last.unwrap_or(0))
}

/// Whether changes between `applied` and the present are all still there to be read.
pub fn is_complete_after(conn: &mut PgConnection, applied: i64) -> Result<bool, DbError> {
    let first: Option<i64> = key_changes::table
        .select(diesel::dsl::min(key_changes::seq))
        .first(conn)?;
    Ok(first.is_none_or(|first| first <= applied + 1))
}

/// The changes after `applied`, in order, at most `CHANGES_MAX`.
pub fn changes_after(conn: &mut PgConnection, applied: i64) -> Result<Vec<ChangeRow>, DbError> {
    Ok(key_changes::table
        .filter(key_changes::seq.gt(applied))
        .order(key_changes::seq)
        .limit(CHANGES_MAX)
        .select(ChangeRow::as_select())
        .load(conn)?)
}

pub fn accounts(conn: &mut PgConnection, only: Option<&[i32]>) -> Result<Vec<AccountRow>, DbError> {
    let mut query = accounts::table.select(AccountRow::as_select()).into_boxed();
    if let Some(ids) = only {
        query = query.filter(accounts::id.eq_any(ids));
    }
    Ok(query.load(conn)?)
}

pub fn workspaces(
    conn: &mut PgConnection,
    only: Option<&[i32]>,
) -> Result<Vec<WorkspaceRow>, DbError> {
    let mut query = workspaces::table
        .select(WorkspaceRow::as_select())
        .into_boxed();
    if let Some(ids) = only {
        query = query.filter(workspaces::id.eq_any(ids));
    }
    Ok(query.load(conn)?)
}

pub fn people(
    conn: &mut PgConnection,
    only: Option<&[uuid::Uuid]>,
) -> Result<Vec<PersonRow>, DbError> {
    let mut query = users::table.select(PersonRow::as_select()).into_boxed();
    if let Some(ids) = only {
        query = query.filter(users::id.eq_any(ids));
    }
    Ok(query.load(conn)?)
}

/// All versions of all presets; there are few.
pub fn presets(conn: &mut PgConnection) -> Result<Vec<PresetRow>, DbError> {
    Ok(presets::table.select(PresetRow::as_select()).load(conn)?)
}

/// All service credentials; there are few.
pub fn credentials(conn: &mut PgConnection) -> Result<Vec<CredentialRow>, DbError> {
    Ok(service_credentials::table
        .select(CredentialRow::as_select())
        .load(conn)?)
}
