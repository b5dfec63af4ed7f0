//! The operating-system users: who runs the server, and who connects to it.
//!
//! PostgreSQL refuses to run as root, so under root it runs as somebody else.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use crate::postgres::error::ClusterError;

/// Tried in this order under root, unless the configuration names one.
const SERVER_USERS: [&str; 2] = ["postgres", "nobody"];

#[derive(Debug, Clone)]
pub(super) struct OsUsers {
    /// Who this process is; `pg_ident.conf` lets this user in.
    pub client: String,
    pub server: ServerUser,
}

#[derive(Debug, Clone)]
pub(super) struct ServerUser {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    /// Whether this process has to change to that user to start the server.
    pub switched: bool,
}

impl OsUsers {
    /// An existing cluster keeps its owner: PostgreSQL insists on it.
    pub fn resolve(wanted: Option<&str>, cluster: &Path) -> Result<OsUsers, ClusterError> {
        let uid = rustix::process::geteuid().as_raw();
        let client = name_of(uid).ok_or(ClusterError::NamelessUser { uid })?;
        let owner = cluster.metadata().ok().map(|found| found.uid());
        let server = if uid == 0 {
            server_user_under_root(wanted, owner)?
        } else {
            let gid = rustix::process::getegid().as_raw();
            ServerUser {
                name: client.clone(),
                uid,
                gid,
                switched: false,
            }
        };
        match owner {
            Some(owner) if owner != server.uid => Err(ClusterError::WrongOwner {
                path: cluster.to_path_buf(),
                owner,
                user: server.name,
                uid: server.uid,
            }),
            _ => Ok(OsUsers { client, server }),
        }
    }
}

pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub(super) fn server_user_under_root(
    wanted: Option<&str>,
    owner: Option<u32>,
) -> Result<ServerUser, ClusterError> {
    let no_user = |name: &str| ClusterError::NoServerUser {
        name: name.to_owned(),
    };
    if let Some(name) = wanted {
        return named(name).ok_or_else(|| no_user(name));
    }
    owner
        .and_then(name_of)
        .and_then(|name| named(&name))
        .or_else(|| SERVER_USERS.into_iter().find_map(named))
        .ok_or_else(|| no_user("postgres or nobody"))
}

fn named(name: &str) -> Option<ServerUser> {
    let uid = id(&["-u", name])?.parse().ok()?;
    let gid = id(&["-g", name])?.parse().ok()?;
    (uid != 0).then(|| ServerUser {
        name: name.to_owned(),
        uid,
        gid,
        switched: true,
    })
}

fn name_of(uid: u32) -> Option<String> {
    id(&["-un", &uid.to_string()])
}

/// Asks `id`, which knows every source of users that the system is set up for.
fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}
