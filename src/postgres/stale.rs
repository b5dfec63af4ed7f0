//! What a killed server leaves behind.
//!
//! PostgreSQL refuses to start while the pid in `postmaster.pid` looks alive, even when that
//! process is a zombie or somebody else's. We hold the lock of the data directory and can look
//! closer: a server of this cluster has the cluster as its working directory.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::postgres::data_dir::Layout;
use crate::postgres::error::ClusterError;
use crate::postgres::error::During;
use crate::postgres::os_user::ServerUser;

/// A server whose latchkey was killed shuts itself down; large shared buffers take a while.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(10);

/// Waits for orphans, then removes the lock files of a server that is gone.
pub(super) fn clear(layout: &Layout, server: &ServerUser) -> Result<(), ClusterError> {
    let files = [layout.pid_file(), layout.socket_lock()];
    if !files.iter().any(|file| file.exists()) {
        return Ok(());
    }
    wait_until_free(&layout.pg, server)?;
    for file in files {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).during("remove", &file);
            }
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn wait_until_free(dir: &Path, server: &ServerUser) -> Result<(), ClusterError> {
    let begun = Instant::now();
    while let Some(pid) = find_process_in(dir, server)? {
        if begun.elapsed() > ORPHAN_PATIENCE {
            let dir = dir.to_path_buf();
            return Err(ClusterError::Occupied { dir, pid });
        }
        thread::sleep(POLL);
    }
    Ok(())
}

fn find_process_in(dir: &Path, server: &ServerUser) -> Result<Option<i32>, ClusterError> {
    let proc = Path::new("/proc");
    let wanted = dir.metadata().during("read", dir)?;
    for entry in fs::read_dir(proc).during("list", proc)?.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // A zombie has no working directory any more.
        let works_here = match entry.path().join("cwd").metadata() {
            Ok(found) => found.dev() == wanted.dev() && found.ino() == wanted.ino(),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                may_be_server(&entry.path(), server)
            }
            Err(_) => false,
        };
        if works_here {
            return Ok(Some(pid));
        }
    }
    Ok(None)
}

/// Root in a container may not look into other users' processes; then their name has to do.
fn may_be_server(process: &Path, server: &ServerUser) -> bool {
    let same_user = process
        .metadata()
        .is_ok_and(|found| found.uid() == server.uid);
    same_user && fs::read_to_string(process.join("comm")).is_ok_and(|name| name == "postgres\n")
}
