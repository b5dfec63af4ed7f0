//! The catalogue's versions, and the rows that are made of the latest one.

mod apply;
mod offer;
mod store;

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::catalogue_versions;

pub use crate::db::catalogue::apply::Applied;
pub use crate::db::catalogue::apply::apply;
pub use crate::db::catalogue::apply::seed;
pub use crate::db::catalogue::offer::Offer;
pub use crate::db::catalogue::offer::Offers;

/// One version, as its operator wrote it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = catalogue_versions, check_for_backend(diesel::pg::Pg))]
pub struct CatalogueVersion {
    pub version: i32,
    pub document: String,
    pub applied_at: DateTime<Utc>,
    pub applied_by: String,
}

/// What a list says of a version.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = catalogue_versions, check_for_backend(diesel::pg::Pg))]
pub struct VersionFacts {
    pub version: i32,
    pub applied_at: DateTime<Utc>,
    pub applied_by: String,
}

pub fn latest(conn: &mut PgConnection) -> Result<Option<CatalogueVersion>, DbError> {
    Ok(catalogue_versions::table
        .order(catalogue_versions::version.desc())
        .select(CatalogueVersion::as_select())
        .first(conn)
        .optional()?)
}

pub fn version(conn: &mut PgConnection, version: i32) -> Result<Option<CatalogueVersion>, DbError> {
    Ok(catalogue_versions::table
        .find(version)
        .select(CatalogueVersion::as_select())
        .first(conn)
        .optional()?)
}

/// The last `limit` versions, newest first.
pub fn history(conn: &mut PgConnection, limit: i64) -> Result<Vec<VersionFacts>, DbError> {
    Ok(catalogue_versions::table
        .order(catalogue_versions::version.desc())
        .limit(limit)
        .select(VersionFacts::as_select())
        .load(conn)?)
}
