//! The grants offered when a key is made.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Integer;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::db::schema::presets;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::grant::Permissions;

/// One preset in its latest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    pub slug: String,
    pub version: i32,
    pub label: String,
    pub summary: String,
    /// What a key of it cannot do, in words.
    pub cannot: String,
    pub permissions: Permissions,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = presets, check_for_backend(diesel::pg::Pg))]
struct Row {
    slug: String,
    version: i32,
    label: String,
    summary: String,
    cannot: String,
    permissions: Vec<Option<String>>,
    offered: bool,
    position: i16,
}

/// The latest version of every preset that is offered, in the catalogue's order.
pub fn latest(conn: &mut PgConnection) -> Result<Vec<Preset>, DbError> {
    let mut rows: Vec<Row> = presets::table
        .distinct_on(presets::slug)
        .order((presets::slug, presets::version.desc()))
        .select(Row::as_select())
        .load(conn)?;
    rows.retain(|row| row.offered);
    rows.sort_by_key(|row| row.position);
    Ok(rows.into_iter().map(Row::preset).collect())
}

impl Row {
    fn preset(self) -> Preset {
        Preset {
            slug: self.slug,
            version: self.version,
            label: self.label,
            summary: self.summary,
            cannot: self.cannot,
            permissions: Permissions::new(self.permissions.into_iter().flatten()),
        }
    }
}

/// A scope that keys of a workspace have.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct ScopeInUse {
    /// A preset's, `custom` or `inherit`.
    #[diesel(sql_type = Text)]
    pub slug: String,
    #[diesel(sql_type = Text)]
    pub label: String,
}

/// Of a huge workspace, the scopes of so many keys.
const KEYS_READ_MAX: i64 = 10_000;

/// The scopes that keys of this workspace have, whether they are still offered or not.
pub fn in_use(
    conn: &mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
) -> Result<Vec<ScopeInUse>, DbError> {
    let scopes = diesel::sql_query(
        "select p.slug, max(p.label) as label
         from (select distinct preset, preset_version from (
             select preset, preset_version from api_keys
             where account_id = $1 and workspace_id = $2 limit $3) read) k
         join presets p on p.slug = k.preset and p.version = k.preset_version
         group by p.slug order by label, p.slug",
    )
    .bind::<Integer, _>(account.0)
    .bind::<Integer, _>(workspace.0)
    .bind::<BigInt, _>(KEYS_READ_MAX)
    .load(conn)?;
    Ok(scopes)
}
