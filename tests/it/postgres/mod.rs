//! The private cluster, with a real server in a directory of its own for each test.

#![expect(clippy::expect_used, reason = "a test stops where it fails")]

mod attach;
mod crash;
mod refusal;
mod start;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use latchkey::postgres::{Cluster, ClusterConfig, DATABASE};

use crate::support::cluster::config_for_tests;
use crate::support::wait::wait_for;

/// A directory that the server's user can pass through, removed with the value.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let dir = tempfile::Builder::new().prefix("lk-").tempdir();
        let dir = dir.expect("a temporary directory");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711)).expect("open it");
        Place { dir }
    }

    /// As in production: a crash may lose nothing.
    fn config(&self) -> ClusterConfig {
        let mut config = config_for_tests(&self.dir.path().join("data"));
        config.durable = true;
        config
    }

    fn start(&self) -> Cluster {
        Cluster::start(&self.config()).expect("a cluster")
    }

    fn pg(&self) -> PathBuf {
        self.dir.path().join("data/pg")
    }

    fn postmaster(&self) -> i32 {
        let text = fs::read_to_string(self.pg().join("postmaster.pid")).expect("a pid file");
        let pid = text.lines().next().expect("its first line");
        pid.parse().expect("a pid")
    }

    fn server_user(&self) -> (u32, u32) {
        let found = self.pg().metadata().expect("a cluster");
        (found.uid(), found.gid())
    }
}

fn connect(url: &str) -> Option<PgConnection> {
    PgConnection::establish(url).ok()
}

fn execute(cluster: &Cluster, statement: &str) -> usize {
    let mut connection = connect(&cluster.url(DATABASE)).expect("a connection");
    let done = sql_query(statement).execute(&mut connection);
    done.unwrap_or_else(|error| panic!("{statement}: {error}"))
}

fn kill_hard(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("to kill");
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs as the server's user, also where this test runs as root.
fn as_user(program: &str, (uid, gid): (u32, u32)) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    if is_root() {
        command.uid(uid).gid(gid);
    }
    command.current_dir(Path::new("/"));
    command
}
