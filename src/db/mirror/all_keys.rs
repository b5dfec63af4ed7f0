//! Every key, by three copies, each in the order in which its table lies: what belongs together
//! comes apart, and nothing is sorted, joined or kept for it.

use diesel::data_types::PgTimestamp;
use diesel::pg::CopyFormat;
use diesel::prelude::*;
use uuid::Uuid;

use crate::crypto::digest::Digest;
use crate::db::DbError;
use crate::db::copy;
use crate::db::copy::Fields;
use crate::db::copy::Garbled;
use crate::db::mirror::KeyRow;
use crate::db::mirror::LimitsRow;
use crate::db::mirror::SecretRow;
use crate::db::schema::api_keys;
use crate::db::schema::key_limits;
use crate::db::schema::key_secrets;

/// Every key.
pub fn each_key(conn: &mut PgConnection, mut take: impl FnMut(&KeyRow<'_>)) -> Result<(), DbError> {
    let columns = (
        api_keys::account_id,
        api_keys::id,
        api_keys::workspace_id,
        api_keys::name,
        api_keys::category,
        api_keys::preset,
        api_keys::preset_version,
        api_keys::created_by,
        api_keys::service,
        api_keys::handed_to,
        api_keys::expires_at,
        api_keys::disabled_at,
        api_keys::revoked_at,
        api_keys::permissions,
        api_keys::resources,
        api_keys::allowed_ips,
        api_keys::allowed_origins,
    );
    let copy = diesel::copy_to(columns)
        .with_format(CopyFormat::Binary)
        .load_raw(conn)?;
    copy::each_row(copy, 17, |fields| {
        take(&key(fields)?);
        Ok(())
    })?;
    copy::finish(conn)
}

/// In the order of the columns.
fn key<'a>(fields: &mut Fields<'a>) -> Result<KeyRow<'a>, Garbled> {
    Ok(KeyRow {
        account_id: fields.read()?,
        id: fields.read()?,
        workspace_id: fields.read()?,
        name: fields.read()?,
        category: fields.read()?,
        preset: fields.read()?,
        preset_version: fields.read()?,
        owner_id: owner(fields)?,
        expires_at: fields.read()?,
        disabled_at: fields.read()?,
        revoked_at: fields.read()?,
        permissions: fields.read()?,
        resources: fields.read()?,
        allowed_ips: fields.read()?,
        allowed_origins: fields.read()?,
    })
}

/// As the column `owner_id` is generated, which for that reason cannot be copied.
fn owner(fields: &mut Fields<'_>) -> Result<Option<Uuid>, Garbled> {
    let created_by = fields.read()?;
    let is_service = fields.read()?;
    let handed_to: Option<Uuid> = fields.read()?;
    Ok(if is_service {
        None
    } else {
        Some(handed_to.unwrap_or(created_by))
    })
}

/// What tells a key: its account and its id there.
pub type KeyName<'a> = (i32, &'a str);

/// The limits of every key that has some.
pub fn each_limits(
    conn: &mut PgConnection,
    mut take: impl FnMut(KeyName<'_>, &LimitsRow),
) -> Result<(), DbError> {
    let columns = (
        key_limits::account_id,
        key_limits::key_id,
        key_limits::total,
        key_limits::daily,
        key_limits::weekly,
        key_limits::monthly,
    );
    let copy = diesel::copy_to(columns)
        .with_format(CopyFormat::Binary)
        .load_raw(conn)?;
    copy::each_row(copy, 6, |fields| {
        let key = (fields.read()?, fields.read()?);
        let row = LimitsRow {
            total: fields.read()?,
            daily: fields.read()?,
            weekly: fields.read()?,
            monthly: fields.read()?,
        };
        take(key, &row);
        Ok(())
    })?;
    copy::finish(conn)
}

/// Every secret.
pub fn each_secret(
    conn: &mut PgConnection,
    mut take: impl FnMut(KeyName<'_>, &SecretRow),
) -> Result<(), DbError> {
    let columns = (
        key_secrets::account_id,
        key_secrets::key_id,
        key_secrets::generation,
        key_secrets::digest,
        key_secrets::retires_at,
    );
    let copy = diesel::copy_to(columns)
        .with_format(CopyFormat::Binary)
        .load_raw(conn)?;
    copy::each_row(copy, 5, |fields| {
        let key = (fields.read()?, fields.read()?);
        let row = SecretRow {
            generation: fields.read()?,
            digest: Digest::from_stored(fields.read()?),
            retires_at: fields.read::<Option<PgTimestamp>>()?,
        };
        take(key, &row);
        Ok(())
    })?;
    copy::finish(conn)
}
