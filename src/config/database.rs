//! Which PostgreSQL: a given one, or a private cluster.

use std::path::PathBuf;

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::config::Source;

#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `DATABASE_URL`: any PostgreSQL 15 or newer. Unset: a private cluster in the data directory.
    pub url: Option<SecretString>,
    /// `LATCHKEY_READ_DATABASE_URL`: a replica of it, for logs and charts.
    pub read_url: Option<SecretString>,
    /// `LATCHKEY_DATA_DIR`: private cluster, spool and secret files.
    pub data_dir: Option<PathBuf>,
    /// `LATCHKEY_PG_BIN`: the folder of `initdb` and `postgres` for the private cluster.
    pub pg_bin: Option<PathBuf>,
    /// `LATCHKEY_PG_USER`: who runs the private cluster when Latchkey is root.
    pub pg_user: Option<String>,
    /// `LATCHKEY_MIGRATE`: whether `serve` brings the schema up to date.
    pub migrate: bool,
}

impl DatabaseConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        Self {
            url: address(source, "DATABASE_URL"),
            read_url: address(source, "LATCHKEY_READ_DATABASE_URL"),
            data_dir: source.text("LATCHKEY_DATA_DIR").map(PathBuf::from),
            pg_bin: source.text("LATCHKEY_PG_BIN").map(PathBuf::from),
            pg_user: source.text("LATCHKEY_PG_USER"),
            migrate: source.choice("LATCHKEY_MIGRATE", &[("on", true), ("off", false)], true),
        }
    }
}

fn address(source: &mut Source<'_>, name: &str) -> Option<SecretString> {
    let url = source.secret(name)?;
    let is_postgres = ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.expose_secret().starts_with(scheme));
    if !is_postgres {
        source.fault(format!("{name}: must start with postgres://"));
    }
    Some(url)
}
