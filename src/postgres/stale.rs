//! What a killed server leaves behind.
//!
//! PostgreSQL refuses to start while the pid in `postmaster.pid` looks alive, even when that
//! process is a zombie or somebody else's. We hold the lock of the data directory and can look
//! closer: a server of this cluster has the cluster as its working directory.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::postgres::Installation;
use crate::postgres::command::as_server;
use crate::postgres::command::failed_to_run;
use crate::postgres::command::require_success;
use crate::postgres::error::ClusterError;
use crate::postgres::error::During;

/// A server whose latchkey was killed shuts itself down; large shared buffers take a while.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(10);

/// Prints the pids of the processes that work in the directory `$0`.
///
/// A zombie has no working directory any more. The server's user has to ask, because root in a
/// container may not look into the processes of others.
const FIND: &str =
    r#"cd /proc; for pid in [0-9]*; do [ "$pid/cwd" -ef "$0" ] && echo "$pid"; done; :"#;

/// Waits for orphans, then removes the lock files of a server that is gone.
pub(super) fn clear(installation: &Installation) -> Result<(), ClusterError> {
    let layout = &installation.layout;
    let files = [layout.pid_file(), layout.socket_lock()];
    if !files.iter().any(|file| file.exists()) {
        return Ok(());
    }
    wait_until_free(installation, &layout.pg)?;
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

pub(super) fn wait_until_free(installation: &Installation, dir: &Path) -> Result<(), ClusterError> {
    let begun = Instant::now();
    while let Some(pid) = find_process_in(installation, dir)? {
        if begun.elapsed() > ORPHAN_PATIENCE {
            let dir = dir.to_path_buf();
            return Err(ClusterError::Occupied { dir, pid });
        }
        thread::sleep(POLL);
    }
    Ok(())
}

fn find_process_in(installation: &Installation, dir: &Path) -> Result<Option<u32>, ClusterError> {
    let output = as_server(installation, Path::new("/bin/sh"))
        .arg("-c")
        .arg(FIND)
        .arg(dir)
        .output()
        .map_err(|error| failed_to_run("/bin/sh", &error))?;
    require_success("/bin/sh", &output)?;
    let pids = String::from_utf8_lossy(&output.stdout);
    Ok(pids.lines().find_map(|pid| pid.parse().ok()))
}
