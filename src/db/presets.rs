//! The grants offered when a key is made.

use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::presets;
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
