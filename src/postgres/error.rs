//! What can go wrong with the private cluster, each in one line that says what to do.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

#[derive(Debug, Error)]
pub enum ClusterError {
    #[error(
        "data directory {} is already in use by another latchkey ({}). \
         Stop it, or set LATCHKEY_DATA_DIR to another directory",
        data_dir.display(), pid_text(*pid)
    )]
    AlreadyRunning { data_dir: PathBuf, pid: Option<u32> },

    #[error(
        "no PostgreSQL server programs (initdb, postgres) found in {searched}. Install them \
         (Debian, Ubuntu: apt install postgresql; Fedora: dnf install postgresql-server; \
         Alpine: apk add postgresql), name their directory in LATCHKEY_PG_BIN, \
         or set DATABASE_URL to a server that runs elsewhere"
    )]
    NotFound { searched: String },

    #[error(
        "the cluster in {} was made by PostgreSQL {needed}, but only {} was found. \
         Install PostgreSQL {needed}, or name its programs in LATCHKEY_PG_BIN",
        data_dir.display(), found.join(", ")
    )]
    WrongMajor {
        data_dir: PathBuf,
        needed: u32,
        found: Vec<String>,
    },

    #[error(
        "PostgreSQL {oldest} or newer is needed, but only {} was found. \
         Install a newer one, or name its programs in LATCHKEY_PG_BIN",
        found.join(", ")
    )]
    TooOld { oldest: u32, found: Vec<String> },

    #[error(
        "the socket path {} has {bytes} bytes, and Unix allows {limit}. \
         Set LATCHKEY_DATA_DIR to a shorter path",
        path.display()
    )]
    SocketPathTooLong {
        path: PathBuf,
        bytes: usize,
        limit: usize,
    },

    #[error(
        "the path {} has a comma, which libpq takes for the end of a host name. \
         Set LATCHKEY_DATA_DIR to a path without one",
        path.display()
    )]
    CommaInPath { path: PathBuf },

    #[error(
        "PostgreSQL runs as user {user}, who may not pass through {}. \
         Set LATCHKEY_DATA_DIR to a directory elsewhere (such as /var/lib/latchkey), \
         or run: chmod o+x {}",
        ancestor.display(), ancestor.display()
    )]
    Unreachable { ancestor: PathBuf, user: String },

    #[error(
        "PostgreSQL does not run as root, and there is no user {name} to run it as. \
         Set LATCHKEY_PG_USER to an existing user"
    )]
    NoServerUser { name: String },

    #[error(
        "user id {uid} has no name (no line in /etc/passwd), and PostgreSQL needs one. \
         Run latchkey as a named user, or set DATABASE_URL to a server that runs elsewhere"
    )]
    NamelessUser { uid: u32 },

    #[error(
        "{} belongs to user id {owner}, but PostgreSQL would run as {user} (user id {uid}). \
         Run latchkey as its owner, or set LATCHKEY_DATA_DIR to another directory",
        path.display()
    )]
    WrongOwner {
        path: PathBuf,
        owner: u32,
        user: String,
        uid: u32,
    },

    #[error(
        "{} is open to changes by every user. Run: chmod o-w {}",
        data_dir.display(), data_dir.display()
    )]
    OpenToOthers { data_dir: PathBuf },

    #[error(
        "a PostgreSQL server that latchkey did not start (pid {pid}) still works in {}. \
         Stop it first: kill -INT {pid}",
        dir.display()
    )]
    Occupied { dir: PathBuf, pid: u32 },

    #[error("{program} failed: {reason}")]
    ProgramFailed { program: String, reason: String },

    #[error("PostgreSQL did not start: {reason} (log: {})", log.display())]
    DidNotStart { reason: String, log: PathBuf },

    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

fn pid_text(pid: Option<u32>) -> String {
    pid.map_or_else(|| "pid unknown".to_owned(), |pid| format!("pid {pid}"))
}

/// Says what was being done to which path when the system refused.
pub(super) trait During<T> {
    fn during(self, action: &'static str, path: &Path) -> Result<T, ClusterError>;
}

impl<T> During<T> for io::Result<T> {
    fn during(self, action: &'static str, path: &Path) -> Result<T, ClusterError> {
        self.map_err(|source| ClusterError::Io {
            action,
            path: path.to_path_buf(),
            source,
        })
    }
}
