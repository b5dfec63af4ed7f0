//! The schema's history, embedded, applied under an advisory lock so that two nodes may start at
//! once.

use diesel::Connection;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel_migrations::EmbeddedMigrations;
use diesel_migrations::MigrationHarness;
use diesel_migrations::embed_migrations;

use crate::db::DbError;
use crate::db::catalogue;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// Held by whoever migrates; the second waits and then finds nothing to do.
const LOCK: i64 = 0x6c61_7463_686b_6579;

/// A migration failed; the ones before it are applied.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("cannot reach the database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    #[error(transparent)]
    Lock(#[from] DbError),
    #[error("a migration failed: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
}

/// Applies what is missing, the catalogue where there is none, and tells how many that were. Uses a connection of its own, so that the
/// lock is gone with it whatever happens.
pub fn apply(url: &str) -> Result<usize, MigrateError> {
    let mut connection = PgConnection::establish(url)?;
    diesel::select(advisory_lock(LOCK))
        .execute(&mut connection)
        .map_err(DbError::from)?;
    let applied = connection
        .run_pending_migrations(MIGRATIONS)
        .map_err(MigrateError::Migration)?
        .len();
    catalogue::seed(&mut connection)?;
    Ok(applied)
}

/// Takes back every migration, last first.
pub fn revert_all(url: &str) -> Result<usize, MigrateError> {
    let mut connection = PgConnection::establish(url)?;
    diesel::select(advisory_lock(LOCK))
        .execute(&mut connection)
        .map_err(DbError::from)?;
    let reverted = connection
        .revert_all_migrations(MIGRATIONS)
        .map_err(MigrateError::Migration)?;
    Ok(reverted.len())
}

diesel::define_sql_function! {
    #[sql_name = "pg_advisory_lock"]
    fn advisory_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}
