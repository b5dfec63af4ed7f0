//! The whole mirror from the database, and rows into entries.

use diesel::PgConnection;

use crate::crypto::digest::Digest;
use crate::db::DbError;
use crate::db::mirror;
use crate::db::mirror::AccountRow;
use crate::db::mirror::CredentialRow;
use crate::db::mirror::Mark;
use crate::db::mirror::PersonRow;
use crate::db::mirror::PresetRow;
use crate::db::mirror::WorkspaceRow;
use crate::domain::account::AccountId;
use crate::domain::account::CredentialKind;
use crate::domain::account::ErrorProfile;
use crate::domain::account::WorkspaceId;
use crate::domain::grant::Permissions;
use crate::domain::plan::Plan;
use crate::verify::entry::AccountEntry;
use crate::verify::entry::CredentialEntry;
use crate::verify::entry::PersonEntry;
use crate::verify::entry::PresetEntry;
use crate::verify::entry::WorkspaceEntry;
use crate::verify::ledger::Ledger;
use crate::verify::mirror::Tables;
use crate::workers::mirror_sync::catalogue;
use crate::workers::mirror_sync::endings::Survey;
use crate::workers::mirror_sync::key;
use crate::workers::mirror_sync::members;

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
            let mut tables = Tables::with(ledger);
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
            key::load_all(conn, &mut tables, survey)?;
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
