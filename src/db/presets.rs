//! The grants offered when a key is made.

use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::presets;

/// One preset in its latest version.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = presets, check_for_backend(diesel::pg::Pg))]
pub struct Preset {
    pub slug: String,
    pub version: i32,
    pub label: String,
    pub summary: String,
}

/// The latest version of every preset.
pub fn latest(conn: &mut PgConnection) -> Result<Vec<Preset>, DbError> {
    let presets = presets::table
        .distinct_on(presets::slug)
        .order((presets::slug, presets::version.desc()))
        .select(Preset::as_select())
        .load(conn)?;
    Ok(presets)
}
