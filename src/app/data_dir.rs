//! Where the private cluster, the spool and the secret files live.

use std::path::PathBuf;

use anyhow::Context;

use crate::config::DatabaseConfig;
use crate::postgres;

/// The directory that is configured, else the default one. Made if it is missing.
pub fn resolve(config: &DatabaseConfig) -> anyhow::Result<PathBuf> {
    let data_dir = match &config.data_dir {
        Some(data_dir) => std::path::absolute(data_dir)?,
        None => postgres::default_data_dir(config.pg_user.as_deref())?,
    };
    std::fs::create_dir_all(&data_dir)
        .with_context(|| format!("cannot make the data directory {}", data_dir.display()))?;
    Ok(data_dir)
}
