//! The whole mirror from the database, and rows into entries.

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;
use diesel::data_types::PgTimestamp;

use crate::crypto::digest::Digest;
use crate::db::DbError;
use crate::db::mirror;
use crate::db::mirror::AccountRow;
use crate::db::mirror::CredentialRow;
use crate::db::mirror::KeyRow;
use crate::db::mirror::LimitsRow;
use crate::db::mirror::Mark;
use crate::db::mirror::PersonRow;
use crate::db::mirror::PresetRow;
use crate::db::mirror::SecretRow;
use crate::db::mirror::WorkspaceRow;
use crate::domain::account::AccountId;
use crate::domain::account::CredentialKind;
use crate::domain::account::ErrorProfile;
use crate::domain::account::WorkspaceId;
use crate::domain::grant::Permissions;
use crate::domain::grant::Resources;
use crate::domain::key_state::KeyTimes;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;
use crate::domain::plan::Plan;
use crate::verify::entry::AccountEntry;
use crate::verify::entry::CredentialEntry;
use crate::verify::entry::KeyEntry;
use crate::verify::entry::PersonEntry;
use crate::verify::entry::PresetEntry;
use crate::verify::entry::SecretEntry;
use crate::verify::entry::WorkspaceEntry;
use crate::verify::ledger::Ledger;
use crate::verify::mirror::Tables;
use crate::workers::mirror_sync::catalogue;
use crate::workers::mirror_sync::endings::Survey;
use crate::workers::mirror_sync::members;

/// PostgreSQL counts microseconds from the year 2000.
const YEAR_2000_US: i64 = 946_684_800_000_000;

/// Reads everything in one snapshot, together with the last change that the snapshot holds.
pub fn load(
    conn: &mut PgConnection,
    ledger: Ledger,
    survey: &mut Survey,
) -> Result<(Tables, Option<Mark>), DbError> {
    conn.build_transaction()
        .repeatable_read()
        .read_only()
        .run(|conn| {
            let last = mirror::last_mark(conn)?;
            let tables = Tables::with(ledger);
            put_plans(&tables, mirror::plans(conn)?);
            mirror::accounts(conn, None)?
                .into_iter()
                .for_each(|row| put_account(&tables, row));
            mirror::workspaces(conn, None)?
                .into_iter()
                .for_each(|row| put_workspace(&tables, row));
            mirror::people(conn, None)?
                .into_iter()
                .for_each(|row| put_person(&tables, row));
            mirror::presets(conn)?
                .into_iter()
                .for_each(|row| put_preset(&tables, row));
            for row in mirror::credentials(conn)? {
                survey.see_credential(&row);
                put_credential(&tables, row);
            }
            members::put_all(&tables, mirror::members(conn, None)?);
            if let Some(catalogue) = catalogue::read(conn)? {
                tables.put_catalogue(catalogue);
            }
            mirror::each_key(conn, |key, secrets| {
                survey.see_key(&key, &secrets);
                put_key(&tables, &key, secrets);
            })?;
            Ok((tables, last))
        })
}

/// What this version does not know is taken for what it is by default, and told.
pub fn put_account(tables: &Tables, row: AccountRow) {
    let profile = ErrorProfile::parse(&row.error_profile).unwrap_or_else(|| {
        tracing::error!(
            account = row.public_id,
            profile = row.error_profile,
            "an unknown profile"
        );
        ErrorProfile::default()
    });
    let refused = row.refused_credentials.iter().flatten();
    tables.put_account(AccountEntry {
        id: AccountId(row.id),
        public_id: row.public_id,
        domain: row.domain,
        customer_id: row.customer_id,
        suspended: row.suspended_at.is_some(),
        plan: row.plan.into(),
        profile,
        refused_credentials: refused
            .filter_map(|kind| CredentialKind::parse(kind))
            .collect(),
    });
}

/// Plans that the catalogue has dropped are kept for the accounts that have them.
pub fn put_plans(tables: &Tables, plans: Vec<Plan>) {
    tables.ledger().set_plans(plans);
}

pub fn put_workspace(tables: &Tables, row: WorkspaceRow) {
    tables.put_workspace(WorkspaceEntry {
        id: WorkspaceId(row.id),
        public_id: row.public_id,
        slug: row.slug,
    });
}

pub fn put_person(tables: &Tables, row: PersonRow) {
    tables.put_person(PersonEntry {
        id: row.id,
        email: row.email,
        disabled: row.disabled_at.is_some(),
    });
}

pub fn put_preset(tables: &Tables, row: PresetRow) {
    let permissions = Permissions::new(row.permissions.into_iter().flatten());
    tables.put_preset(
        row.version,
        PresetEntry {
            slug: row.slug,
            permissions,
        },
    );
}

pub fn put_credential(tables: &Tables, row: CredentialRow) {
    let (Ok(id), Some(digest)) = (row.id.parse(), Digest::from_stored(&row.digest)) else {
        tracing::error!(
            credential = row.id,
            "a service credential cannot be read; it is refused"
        );
        return;
    };
    let revoked = row.revoked_at.is_some();
    tables.put_credential(CredentialEntry {
        id,
        name: row.name,
        digest,
        revoked,
    });
}

/// A row that cannot be read disables that one key and is told; the others are served.
pub fn put_key(tables: &Tables, row: &KeyRow, secrets: Vec<SecretRow>) {
    match key_entry(tables, row, secrets) {
        Ok(entry) => {
            tables.unreadable().clear(&row.id);
            tables.put_key(entry);
        }
        Err(fault) => {
            if tables.unreadable().note(&row.id, fault) {
                tracing::error!(key = row.id, fault, "a key cannot be read; it is refused");
            }
            if let Ok(id) = row.id.parse() {
                tables.remove_key(id);
            }
        }
    }
}

fn key_entry(
    tables: &Tables,
    row: &KeyRow,
    secrets: Vec<SecretRow>,
) -> Result<KeyEntry, &'static str> {
    let preset = tables
        .preset(&row.preset, row.preset_version)
        .ok_or("its preset does not exist")?;
    let mut secrets = secrets.into_iter();
    let current = secret_entry(secrets.next())?;
    let retiring = match longest(secrets) {
        Some(row) => Some(Box::new(secret_entry(Some(row))?)),
        None => None,
    };
    let id = row.id.parse().map_err(|_| "its id is no key id")?;
    let account = AccountId(row.account_id);
    let limits = row.limits.as_ref().map(limits).transpose()?;
    let limits = limits.filter(|limits| !limits.are_none());
    let network = network(row)?.map(Box::new);
    Ok(KeyEntry {
        id,
        account,
        workspace: WorkspaceId(row.workspace_id),
        owner: row.owner_id,
        name: row.name.as_str().into(),
        category: row.category.as_str().into(),
        custom: (!row.permissions.is_empty())
            .then(|| Box::new(Permissions::new(texts(&row.permissions)))),
        preset: Arc::clone(&preset),
        resources: Resources::new(texts(&row.resources)),
        limits: limits.map(|limits| tables.ledger().key(account, id, &limits)),
        network,
        times: KeyTimes {
            revoked_at: time(row.revoked_at, "the time of its revocation is out of range")?,
            disabled_at: time(row.disabled_at, "the time it was disabled is out of range")?,
            expires_at: time(row.expires_at, "its expiry is out of range")?,
            retires_at: retiring.as_ref().and_then(|old| old.retires_at),
        },
        current,
        retiring,
    })
}

fn texts(stored: &[Option<String>]) -> impl Iterator<Item = &str> {
    stored.iter().flatten().map(String::as_str)
}

/// A cap that cannot be read would be no cap, so the whole key is refused.
fn limits(row: &LimitsRow) -> Result<KeyLimits, &'static str> {
    let cap = |cap: Option<i64>| cap.map(u64::try_from).transpose();
    let read = || {
        Ok::<_, std::num::TryFromIntError>(KeyLimits {
            total: cap(row.total)?,
            daily: cap(row.daily)?,
            weekly: cap(row.weekly)?,
            monthly: cap(row.monthly)?,
        })
    };
    read().map_err(|_| "a limit is below 0")
}

fn network(row: &KeyRow) -> Result<Option<Network>, &'static str> {
    let ips: Result<_, _> = texts(&row.allowed_ips).map(str::parse).collect();
    let network = Network {
        ips: ips.map_err(|_| "an allowed address is none")?,
        origins: texts(&row.allowed_origins).map(Box::from).collect(),
    };
    Ok(Some(network).filter(|network| !network.is_open()))
}

/// Of the earlier secrets, newest first, the one that may still work: two never do, but the one
/// just before the current one may have been dropped in favour of its own predecessor.
fn longest(earlier: impl DoubleEndedIterator<Item = SecretRow>) -> Option<SecretRow> {
    let end = |row: &SecretRow| row.retires_at.map_or(i64::MAX, |PgTimestamp(at)| at);
    earlier.rev().max_by_key(end)
}

fn secret_entry(row: Option<SecretRow>) -> Result<SecretEntry, &'static str> {
    let row = row.ok_or("it has no secret")?;
    let digest = Digest::from_stored(&row.digest).ok_or("its digest is not 32 bytes")?;
    Ok(SecretEntry {
        generation: row.generation,
        digest,
        retires_at: time(row.retires_at, "the end of its secret is out of range")?,
    })
}

/// PostgreSQL stores times that nothing here can hold, `infinity` among them.
fn time(
    stored: Option<PgTimestamp>,
    fault: &'static str,
) -> Result<Option<DateTime<Utc>>, &'static str> {
    let Some(PgTimestamp(since_2000)) = stored else {
        return Ok(None);
    };
    let since_1970 = since_2000.checked_add(YEAR_2000_US);
    let time = since_1970.and_then(DateTime::from_timestamp_micros);
    time.map(Some).ok_or(fault)
}
