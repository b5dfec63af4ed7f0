//! A key's grant, limits and network: between their types, their columns and their audit rows.

use diesel::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::db::DbError;
use crate::db::schema::key_limits;
use crate::domain::account::AccountId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::grant::Grant;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;

pub fn permissions(grant: &Grant) -> Vec<&str> {
    grant.permissions.iter().collect()
}

pub fn resources(grant: &Grant) -> Vec<&str> {
    grant.resources.iter().collect()
}

pub fn ips(network: &Network) -> Vec<String> {
    network.ips.iter().map(ToString::to_string).collect()
}

pub fn origins(network: &Network) -> Vec<&str> {
    network.origins.iter().map(|origin| &**origin).collect()
}

/// A key without caps has no row.
pub fn write_limits(
    conn: &mut PgConnection,
    (account, key): (AccountId, ApiKeyId),
    limits: &KeyLimits,
) -> Result<(), DbError> {
    if limits.are_none() {
        diesel::delete(key_limits::table.find((account.0, key.as_str()))).execute(conn)?;
        return Ok(());
    }
    let cap = |cap: Option<u64>| cap.map(|cap| i64::try_from(cap).unwrap_or(i64::MAX));
    let caps = (
        key_limits::total.eq(cap(limits.total)),
        key_limits::daily.eq(cap(limits.daily)),
        key_limits::weekly.eq(cap(limits.weekly)),
        key_limits::monthly.eq(cap(limits.monthly)),
    );
    diesel::insert_into(key_limits::table)
        .values((
            key_limits::account_id.eq(account.0),
            key_limits::key_id.eq(key.as_str()),
            caps,
        ))
        .on_conflict((key_limits::account_id, key_limits::key_id))
        .do_update()
        .set(caps)
        .execute(conn)?;
    Ok(())
}

pub fn grant_facts(grant: &Grant) -> Value {
    json!({
        "scope": grant.scope,
        "version": grant.version,
        "permissions": permissions(grant),
        "resources": resources(grant),
    })
}

/// The caps alone; a window without one is not named.
pub fn limit_facts(limits: &KeyLimits) -> Value {
    limits
        .iter()
        .map(|(window, cap)| (window.as_str().to_owned(), json!(cap)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

pub fn network_facts(network: &Network) -> Value {
    json!({ "ips": ips(network), "origins": origins(network) })
}
