//! Rows of keys into entries. A row that cannot be read disables that one key and is told; the others
//! are served.

use std::num::NonZero;

use chrono::DateTime;
use diesel::PgConnection;
use diesel::data_types::PgTimestamp;

use crate::db::DbError;
use crate::db::mirror;
use crate::db::mirror::KeyName;
use crate::db::mirror::KeyRow;
use crate::db::mirror::LimitsRow;
use crate::db::mirror::SecretRow;
use crate::db::mirror::StoredKey;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::grant;
use crate::domain::grant::Resources;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;
use crate::verify::entry::KeyEnds;
use crate::verify::entry::KeyEntry;
use crate::verify::entry::SecretEntry;
use crate::verify::entry::Stamp;
use crate::verify::mirror::Tables;
use crate::workers::mirror_sync::common::Common;
use crate::workers::mirror_sync::endings::Survey;

/// PostgreSQL counts microseconds from the year 2000.
const YEAR_2000_US: i64 = 946_684_800_000_000;

const NO_SECRET: &str = "it has no secret";

/// Every key, into tables that nobody reads yet. Its limits and secrets come after it.
pub fn load_all(
    conn: &mut PgConnection,
    tables: &mut Tables,
    survey: &mut Survey,
) -> Result<(), DbError> {
    let mut common = Common::default();
    mirror::each_key(conn, |row| {
        survey.see_key(row);
        match entry(tables, &mut common, row) {
            Ok(key) => tables.add_key(key),
            Err(fault) => refuse(tables, row.id, fault),
        }
    })?;
    mirror::each_limits(conn, |name, row| {
        let cell = |tables: &Tables, id| {
            let account = AccountId(name.0);
            Ok(limits(row)?.map(|limits| tables.ledger().key(account, id, &limits)))
        };
        complete(tables, name, cell, |key, cell| key.limits = cell);
    })?;
    mirror::each_secret(conn, |name, row| {
        survey.see_secret(name, row);
        complete(tables, name, |_, _| secret(row), KeyEntry::add_secret);
    })?;
    survey.finish();
    for id in tables.keys().ids(|key| key.current.is_none()) {
        refuse(tables, id.as_str(), NO_SECRET);
    }
    let limited = |id| tables.key(id).is_some_and(|key| key.limits.is_some());
    tables.ledger().keep_keys(limited);
    Ok(())
}

/// Puts what else belongs to a key into its entry. One that could not be read has none.
fn complete<T>(
    tables: &mut Tables,
    (account, id): KeyName<'_>,
    read: impl FnOnce(&Tables, ApiKeyId) -> Result<T, &'static str>,
    put: impl FnOnce(&mut KeyEntry, T),
) {
    let Ok(key) = id.parse() else { return };
    match read(tables, key) {
        Ok(part) => {
            let found = tables.key_mut(key);
            if let Some(entry) = found.filter(|entry| entry.account == AccountId(account)) {
                put(entry, part);
            }
        }
        Err(fault) => refuse(tables, id, fault),
    }
}

/// A key that is new or has changed.
pub fn put(tables: &Tables, common: &mut Common, stored: &StoredKey) {
    match whole(tables, common, stored) {
        Ok(entry) => {
            tables.unreadable().clear(stored.id());
            tables.put_key(entry);
        }
        Err(fault) => refuse(tables, stored.id(), fault),
    }
}

fn refuse(tables: &Tables, id: &str, fault: &'static str) {
    if tables.unreadable().note(id, fault) {
        tracing::error!(key = id, fault, "a key cannot be read; it is refused");
    }
    if let Ok(id) = id.parse() {
        tables.remove_key(id);
    }
}

fn whole(
    tables: &Tables,
    common: &mut Common,
    stored: &StoredKey,
) -> Result<KeyEntry, &'static str> {
    let mut key = entry(tables, common, &stored.row())?;
    for row in &stored.secrets {
        key.add_secret(secret(row)?);
    }
    if key.current.is_none() {
        return Err(NO_SECRET);
    }
    let limits = stored.limits.as_ref().map_or(Ok(None), limits)?;
    key.limits = limits.map(|limits| tables.ledger().key(key.account, key.id, &limits));
    Ok(key)
}

/// As far as its own row tells.
fn entry(tables: &Tables, common: &mut Common, row: &KeyRow<'_>) -> Result<KeyEntry, &'static str> {
    let preset = tables
        .preset(row.preset, row.preset_version)
        .ok_or("its preset does not exist")?;
    let named = row.resources.iter();
    let all = row.resources.iter().any(|one| one == grant::ANY);
    Ok(KeyEntry {
        id: row.id.parse().map_err(|_| "its id is no key id")?,
        account: AccountId(row.account_id),
        workspace: WorkspaceId(row.workspace_id),
        owner: row.owner_id,
        name: row.name.into(),
        category: common.category(row.category),
        preset: if row.permissions.is_empty() {
            preset
        } else {
            common.scope(&preset.slug, row.permissions)
        },
        resources: (!all).then(|| Box::new(Resources::new(named))),
        limits: None,
        network: network(row)?.map(Box::new),
        ends: KeyEnds {
            revoked_at: time(row.revoked_at, "the time of its revocation is out of range")?,
            disabled_at: time(row.disabled_at, "the time it was disabled is out of range")?,
            expires_at: time(row.expires_at, "its expiry is out of range")?,
        },
        current: None,
        retiring: None,
    })
}

/// A cap that cannot be read would be no cap, so the whole key is refused.
fn limits(row: &LimitsRow) -> Result<Option<KeyLimits>, &'static str> {
    let cap = |cap: Option<i64>| cap.map(u64::try_from).transpose();
    let read = || {
        Ok::<_, std::num::TryFromIntError>(KeyLimits {
            total: cap(row.total)?,
            daily: cap(row.daily)?,
            weekly: cap(row.weekly)?,
            monthly: cap(row.monthly)?,
        })
    };
    let limits = read().map_err(|_| "a limit is below 0")?;
    Ok(Some(limits).filter(|limits| !limits.are_none()))
}

fn network(row: &KeyRow<'_>) -> Result<Option<Network>, &'static str> {
    let ips: Result<_, _> = row.allowed_ips.iter().map(str::parse).collect();
    let network = Network {
        ips: ips.map_err(|_| "an allowed address is none")?,
        origins: row.allowed_origins.iter().map(Box::from).collect(),
    };
    Ok(Some(network).filter(|network| !network.is_open()))
}

fn secret(row: &SecretRow) -> Result<SecretEntry, &'static str> {
    Ok(SecretEntry {
        generation: NonZero::new(row.generation).ok_or("its secret is its number 0")?,
        digest: row.digest.ok_or("its digest is not 32 bytes")?,
        retires_at: time(row.retires_at, "the end of its secret is out of range")?,
    })
}

/// PostgreSQL stores times that nothing here can hold, `infinity` among them.
fn time(stored: Option<PgTimestamp>, fault: &'static str) -> Result<Option<Stamp>, &'static str> {
    let Some(PgTimestamp(since_2000)) = stored else {
        return Ok(None);
    };
    let since_1970 = since_2000.checked_add(YEAR_2000_US);
    let time = since_1970.and_then(DateTime::from_timestamp_micros);
    time.map(|time| Some(Stamp::from(time))).ok_or(fault)
}
