//! The data directory: its layout, who may pass through it, and where it is by default.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use crate::postgres::error::ClusterError;
use crate::postgres::error::During;
use crate::postgres::os_user::ServerUser;
use crate::postgres::os_user::is_root;
use crate::postgres::os_user::server_user_under_root;

/// `sockaddr_un` has room for 108 bytes, the last of them zero.
const SOCKET_PATH_BYTES_MAX: usize = 107;
const SYSTEM_DATA_DIR: &str = "/var/lib/latchkey";

/// The server's files; those that steer it belong to this process's user, not to the server's.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub root: PathBuf,
    /// The cluster itself. It appears, complete, by a rename of `pg_new`.
    pub pg: PathBuf,
    pub pg_new: PathBuf,
    pub run: PathBuf,
    pub log: PathBuf,
    pub lock: PathBuf,
    pub guests: PathBuf,
    pub hba: PathBuf,
    pub ident: PathBuf,
}

impl Layout {
    pub fn new(data_dir: &Path) -> Result<Layout, ClusterError> {
        let root = std::path::absolute(data_dir).during("find", data_dir)?;
        let layout = Layout {
            pg: root.join("pg"),
            pg_new: root.join("pg.new"),
            run: root.join("run"),
            log: root.join("postgres.log"),
            lock: root.join("latchkey.lock"),
            guests: root.join("guests.lock"),
            hba: root.join("pg_hba.conf"),
            ident: root.join("pg_ident.conf"),
            root,
        };
        let path = layout.socket();
        let bytes = path.as_os_str().as_bytes().len();
        if bytes > SOCKET_PATH_BYTES_MAX {
            let limit = SOCKET_PATH_BYTES_MAX;
            return Err(ClusterError::SocketPathTooLong { path, bytes, limit });
        }
        if path.as_os_str().as_bytes().contains(&b',') {
            return Err(ClusterError::CommaInPath { path });
        }
        Ok(layout)
    }

    pub fn socket(&self) -> PathBuf {
        self.run.join(".s.PGSQL.5432")
    }

    pub fn socket_lock(&self) -> PathBuf {
        self.run.join(".s.PGSQL.5432.lock")
    }

    pub fn pid_file(&self) -> PathBuf {
        self.pg.join("postmaster.pid")
    }

    /// Makes the directory, closed to listing but open to passing through.
    pub fn create_root(&self, server: &ServerUser) -> Result<(), ClusterError> {
        if let Some(parent) = self.root.parent() {
            require_reachable(parent, server)?;
        }
        if !self.root.exists() {
            let mut builder = DirBuilder::new();
            let made = builder.recursive(true).mode(0o711).create(&self.root);
            made.during("make", &self.root)?;
            open_to_passers(&self.root)?;
        }
        let found = self.root.metadata().during("read", &self.root)?;
        if found.mode() & 0o002 != 0 {
            let data_dir = self.root.clone();
            return Err(ClusterError::OpenToOthers { data_dir });
        }
        // Somebody may have made it 0700 for us, which would keep the server out.
        let ours = found.uid() == rustix::process::geteuid().as_raw();
        if ours && server.switched && (self.lock.exists() || is_empty(&self.root)) {
            open_to_passers(&self.root)?;
        }
        require_reachable(&self.root, server)
    }
}

/// A private directory that belongs to the server's user.
pub(super) fn create_for_server(path: &Path, server: &ServerUser) -> Result<(), ClusterError> {
    if path.exists() {
        return Ok(());
    }
    let made = DirBuilder::new().mode(0o700).create(path);
    made.during("make", path)?;
    if server.switched {
        chown(path, Some(server.uid), Some(server.gid)).during("give away", path)?;
    }
    Ok(())
}

/// `./.latchkey`; as root `/var/lib/latchkey`, where the server's user cannot reach that.
pub fn default_data_dir(os_user: Option<&str>) -> Result<PathBuf, ClusterError> {
    let here = Path::new(".latchkey");
    let here = std::path::absolute(here).during("find", here)?;
    if is_root() {
        let server = server_user_under_root(os_user, None)?;
        if require_reachable(&here, &server).is_err() {
            return Ok(PathBuf::from(SYSTEM_DATA_DIR));
        }
    }
    Ok(here)
}

/// Looks at every directory on the way that exists already.
fn require_reachable(path: &Path, server: &ServerUser) -> Result<(), ClusterError> {
    if !server.switched {
        return Ok(());
    }
    let existing = path.ancestors().find_map(|dir| dir.canonicalize().ok());
    for ancestor in existing.iter().flat_map(|dir| dir.ancestors()) {
        let found = ancestor.metadata().during("read", ancestor)?;
        if !may_pass(&found, server) {
            return Err(ClusterError::Unreachable {
                ancestor: ancestor.to_path_buf(),
                user: server.name.clone(),
            });
        }
    }
    Ok(())
}

fn may_pass(dir: &Metadata, server: &ServerUser) -> bool {
    let bit = if dir.uid() == server.uid {
        0o100
    } else if dir.gid() == server.gid {
        0o010
    } else {
        0o001
    };
    dir.mode() & bit != 0
}

fn open_to_passers(path: &Path) -> Result<(), ClusterError> {
    fs::set_permissions(path, Permissions::from_mode(0o711)).during("open", path)
}

fn is_empty(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}
