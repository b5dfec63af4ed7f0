//! The private PostgreSQL cluster that latchkey runs when `DATABASE_URL` is unset.
//!
//! `Cluster::start` locks the data directory, finds the programs, makes the cluster if there is
//! none, starts the server on a Unix socket and keeps it running. Whatever is killed, latchkey or
//! the server, the next start recovers by itself.

mod attach;
mod command;
mod data_dir;
mod error;
mod initialise;
mod locate;
mod lock;
mod os_user;
mod server;
mod stale;
mod supervise;

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

pub use crate::postgres::attach::{Access, Attachment, attach};
pub use crate::postgres::data_dir::default_data_dir;
pub use crate::postgres::error::ClusterError;

use crate::postgres::data_dir::Layout;
use crate::postgres::locate::Binaries;
use crate::postgres::lock::GuestLock;
use crate::postgres::lock::OwnerLock;
use crate::postgres::os_user::OsUsers;
use crate::postgres::supervise::Supervisor;

/// The database that every new cluster has.
pub const DATABASE: &str = "latchkey";
/// The role that owns it, and the name of the map that lets the client's user be that role.
const ROLE: &str = "latchkey";
const URL_PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

#[derive(Debug, Clone)]
pub struct ClusterConfig {
    pub data_dir: PathBuf,
    /// Where `initdb` and `postgres` are; found when `None`.
    pub bin_dir: Option<PathBuf>,
    /// Whom the server runs as under root; `postgres`, else `nobody`, when `None`.
    pub os_user: Option<String>,
    /// `false` gives up safety for speed: for tests only.
    pub durable: bool,
}

/// All that is needed to start the server, again and again.
#[derive(Debug, Clone)]
struct Installation {
    layout: Layout,
    binaries: Binaries,
    users: OsUsers,
    durable: bool,
}

/// A running cluster, stopped when dropped.
pub struct Cluster {
    layout: Layout,
    supervisor: Supervisor,
    _owner: OwnerLock,
}

impl Cluster {
    /// Blocks until the server takes connections: some 0.1 s, a second on the first start.
    pub fn start(config: &ClusterConfig) -> Result<Cluster, ClusterError> {
        let layout = Layout::new(&config.data_dir)?;
        let users = OsUsers::resolve(config.os_user.as_deref(), &layout.pg)?;
        let binaries = Binaries::locate(config.bin_dir.as_deref(), &layout.pg)?;
        layout.create_root(&users.server)?;
        let owner = OwnerLock::take(&layout)?;
        let installation = Installation {
            layout: layout.clone(),
            binaries,
            users,
            durable: config.durable,
        };
        initialise::initialise(&installation)?;
        let supervisor = Supervisor::start(installation)?;
        Ok(Cluster {
            layout,
            supervisor,
            _owner: owner,
        })
    }

    /// A URL over the Unix socket, for libpq and tokio-postgres alike.
    pub fn url(&self, database: &str) -> String {
        socket_url(&self.layout, database)
    }

    pub fn data_dir(&self) -> &Path {
        &self.layout.root
    }

    /// Why the server is down: it ended by itself and could not be started again so far.
    pub fn failure(&self) -> Option<String> {
        self.supervisor.failure()
    }

    /// Close the connection pools first, or they log the end of their connections.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _guests = GuestLock::shut_out(&self.layout);
        self.supervisor.stop();
    }
}

fn socket_url(layout: &Layout, database: &str) -> String {
    let run = percent_encode(layout.run.as_os_str().as_bytes(), URL_PART);
    let database = percent_encode(database.as_bytes(), URL_PART);
    format!("postgresql://{ROLE}@{run}:5432/{database}")
}
