//! Using the cluster of a running latchkey, for subcommands that work beside it.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::postgres::Cluster;
use crate::postgres::ClusterConfig;
use crate::postgres::data_dir::Layout;
use crate::postgres::error::ClusterError;
use crate::postgres::lock::GuestLock;
use crate::postgres::lock::OwnerLock;
use crate::postgres::server::ready_pid;
use crate::postgres::socket_url;

/// A first start on a slow disk takes some seconds.
const READY_PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(10);

/// While it lives, the latchkey that runs the cluster does not stop it (for some seconds).
#[derive(Debug)]
pub struct Attachment {
    layout: Layout,
    _guest: GuestLock,
}

impl Attachment {
    pub fn url(&self, database: &str) -> String {
        socket_url(&self.layout, database)
    }
}

/// `None` when no latchkey runs on this data directory.
pub fn attach(config: &ClusterConfig) -> Result<Option<Attachment>, ClusterError> {
    let layout = Layout::new(&config.data_dir)?;
    let begun = Instant::now();
    while OwnerLock::is_held(&layout)? {
        // The guest lock comes first: an owner that stops the server shuts guests out before.
        if let Some(guest) = GuestLock::share(&layout)?
            && is_served(&layout)
        {
            return Ok(Some(Attachment {
                layout,
                _guest: guest,
            }));
        }
        if begun.elapsed() > READY_PATIENCE {
            return Err(ClusterError::DidNotStart {
                reason: "the latchkey that runs it does not make it ready".to_owned(),
                log: layout.log,
            });
        }
        thread::sleep(POLL);
    }
    Ok(None)
}

/// A subcommand's way to the cluster, whether or not a latchkey runs.
pub enum Access {
    Attached(Attachment),
    Started(Cluster),
}

impl Access {
    /// Attaches, or else starts the cluster until the value is dropped. Two at once are safe.
    pub fn open(config: &ClusterConfig) -> Result<Access, ClusterError> {
        let begun = Instant::now();
        loop {
            if let Some(attachment) = attach(config)? {
                return Ok(Access::Attached(attachment));
            }
            match Cluster::start(config) {
                Err(ClusterError::AlreadyRunning { .. }) if begun.elapsed() < READY_PATIENCE => {}
                result => return result.map(Access::Started),
            }
        }
    }

    pub fn url(&self, database: &str) -> String {
        match self {
            Access::Attached(attachment) => attachment.url(database),
            Access::Started(cluster) => cluster.url(database),
        }
    }
}

/// A pid file may be left over from a server that was killed.
fn is_served(layout: &Layout) -> bool {
    ready_pid(layout).is_some_and(|pid| Path::new("/proc").join(pid.to_string()).exists())
}
