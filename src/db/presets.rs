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
    /// What a key of it cannot do, in words.
    pub cannot: String,
    pub offered: bool,
    pub position: i16,
}

/// The latest version of every preset that is offered, in the catalogue's order.
pub fn latest(conn: &mut PgConnection) -> Result<Vec<Preset>, DbError> {
    let mut presets: Vec<Preset> = presets::table
        .distinct_on(presets::slug)
        .order((presets::slug, presets::version.desc()))
        .select(Preset::as_select())
        .load(conn)?;
    presets.retain(|preset| preset.offered);
    presets.sort_by_key(|preset| preset.position);
    Ok(presets)
}
