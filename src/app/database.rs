//! Which PostgreSQL this process uses: the one it was given, or the private cluster.

use std::path::Path;

use secrecy::ExposeSecret;

use crate::config::DatabaseConfig;
use crate::postgres;
use crate::postgres::Access;
use crate::postgres::Cluster;
use crate::postgres::ClusterConfig;
use crate::postgres::ClusterError;

/// A database to use until this is dropped. Drop the pools first, or they log its end.
pub enum Database {
    Given(String),
    /// Our own cluster; it stops with us.
    Private(Cluster),
    /// The cluster of a Latchkey that runs on the same data directory, or one for our own time.
    Shared(Access),
}

impl Database {
    /// For `serve`: a second server on the same data directory is refused.
    pub fn open(config: &DatabaseConfig, data_dir: &Path) -> Result<Self, ClusterError> {
        match &config.url {
            Some(url) => Ok(Self::Given(url.expose_secret().to_owned())),
            None => Cluster::start(&cluster(config, data_dir)).map(Self::Private),
        }
    }

    /// For the other commands: beside a running server, or with a cluster for their own time.
    pub fn attach(config: &DatabaseConfig, data_dir: &Path) -> Result<Self, ClusterError> {
        match &config.url {
            Some(url) => Ok(Self::Given(url.expose_secret().to_owned())),
            None => Access::open(&cluster(config, data_dir)).map(Self::Shared),
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Given(url) => url.clone(),
            Self::Private(cluster) => cluster.url(postgres::DATABASE),
            Self::Shared(access) => access.url(postgres::DATABASE),
        }
    }
}

fn cluster(config: &DatabaseConfig, data_dir: &Path) -> ClusterConfig {
    ClusterConfig {
        data_dir: data_dir.to_owned(),
        bin_dir: config.pg_bin.clone(),
        os_user: config.pg_user.clone(),
        durable: true,
    }
}
