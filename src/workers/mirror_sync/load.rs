//! The whole mirror from the database, and rows into entries.

use std::sync::Arc;

use diesel::PgConnection;

use crate::crypto::digest::Digest;
use crate::db::DbError;
use crate::db::mirror;
use crate::db::mirror::AccountRow;
use crate::db::mirror::CredentialRow;
use crate::db::mirror::KeyRow;
use crate::db::mirror::PersonRow;
use crate::db::mirror::PresetRow;
use crate::db::mirror::SecretRow;
use crate::db::mirror::WorkspaceRow;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::key_state::KeyTimes;
use crate::verify::entry::AccountEntry;
use crate::verify::entry::CredentialEntry;
use crate::verify::entry::KeyEntry;
use crate::verify::entry::PersonEntry;
use crate::verify::entry::PresetEntry;
use crate::verify::entry::SecretEntry;
use crate::verify::entry::WorkspaceEntry;
use crate::verify::mirror::Tables;

/// Reads everything in one snapshot, together with the last change that the snapshot holds.
pub fn load(conn: &mut PgConnection) -> Result<(Tables, i64), DbError> {
    conn.build_transaction()
        .repeatable_read()
        .read_only()
        .run(|conn| {
            let seq = mirror::last_seq(conn)?;
            let tables = Tables::default();
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
            mirror::credentials(conn)?
                .into_iter()
                .for_each(|row| put_credential(&tables, row));
            mirror::each_key(conn, |key, secrets| put_key(&tables, &key, secrets))?;
            Ok((tables, seq))
        })
}

pub fn put_account(tables: &Tables, row: AccountRow) {
    tables.put_account(AccountEntry {
        id: AccountId(row.id),
        public_id: row.public_id,
        domain: row.domain,
        customer_id: row.customer_id,
        suspended: row.suspended_at.is_some(),
    });
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
    });
}

pub fn put_preset(tables: &Tables, row: PresetRow) {
    let permissions = row.permissions.into_iter().flatten().collect();
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
        Ok(entry) => tables.put_key(entry),
        Err(fault) => {
            tracing::error!(key = row.id, fault, "a key cannot be read; it is refused");
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
    let retiring = match secrets.next() {
        Some(row) => Some(Box::new(secret_entry(Some(row))?)),
        None => None,
    };
    Ok(KeyEntry {
        id: row.id.parse().map_err(|_| "its id is no key id")?,
        account: AccountId(row.account_id),
        workspace: WorkspaceId(row.workspace_id),
        created_by: row.created_by,
        name: row.name.as_str().into(),
        category: row.category.as_str().into(),
        preset: Arc::clone(&preset),
        times: KeyTimes {
            revoked_at: row.revoked_at,
            disabled_at: row.disabled_at,
            expires_at: row.expires_at,
            retires_at: retiring.as_ref().and_then(|old| old.retires_at),
        },
        current,
        retiring,
    })
}

fn secret_entry(row: Option<SecretRow>) -> Result<SecretEntry, &'static str> {
    let row = row.ok_or("it has no secret")?;
    let digest = Digest::from_stored(&row.digest).ok_or("its digest is not 32 bytes")?;
    Ok(SecretEntry {
        generation: row.generation,
        digest,
        retires_at: row.retires_at,
    })
}
