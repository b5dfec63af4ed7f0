//! One cluster for all tests of a process, and a data directory that the server can reach.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use latchkey::postgres::{Cluster, ClusterConfig, ClusterError};

const PREFIX: &str = "latchkey-test-";

/// Made at the first call. The kernel stops its server when the test process ends.
pub fn shared_cluster() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| {
        let places = [
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
            std::env::temp_dir(),
        ];
        for place in &places {
            remove_leftovers(place);
        }
        // A checkout may lie where its path is too long, or closed to us or to the server's user.
        start_in(&places[0])
            .or_else(|error| match error {
                ClusterError::SocketPathTooLong { .. }
                | ClusterError::Unreachable { .. }
                | ClusterError::Io { .. } => start_in(&places[1]),
                other => Err(other),
            })
            .unwrap_or_else(|error| panic!("no cluster for the tests: {error}"))
    })
}

pub fn config_for_tests(data_dir: &Path) -> ClusterConfig {
    ClusterConfig {
        data_dir: data_dir.to_path_buf(),
        bin_dir: std::env::var_os("LATCHKEY_PG_BIN").map(PathBuf::from),
        os_user: std::env::var("LATCHKEY_PG_USER").ok(),
        durable: false,
    }
}

fn start_in(place: &Path) -> Result<Cluster, ClusterError> {
    let data_dir = place.join(format!("{PREFIX}{}", std::process::id()));
    Cluster::start(&config_for_tests(&data_dir))
}

/// What earlier runs left: a static value is never dropped.
fn remove_leftovers(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            // Another user's leftovers stay; they harm nobody.
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}
