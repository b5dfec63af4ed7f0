//! One running server process: spawned, waited for, stopped.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::postgres::Installation;
use crate::postgres::command::command;
use crate::postgres::command::failed_to_run;
use crate::postgres::command::reason_in;
use crate::postgres::data_dir::Layout;
use crate::postgres::data_dir::create_for_server;
use crate::postgres::error::ClusterError;
use crate::postgres::error::During;
use crate::postgres::initialise::write_access_rules;
use crate::postgres::stale;

/// Recovery after a crash replays at most `max_wal_size`, which takes seconds.
const READY_PATIENCE: Duration = Duration::from_mins(2);
/// Each signal, and how long it may take: fast, immediate, and the one that needs recovery after.
const STOPS: [(Signal, Duration); 3] = [
    (Signal::INT, Duration::from_secs(20)),
    (Signal::QUIT, Duration::from_secs(5)),
    (Signal::KILL, Duration::from_secs(5)),
];
const POLL: Duration = Duration::from_millis(3);
const LOG_BYTES_MAX: u64 = 10 << 20;

/// Settings for tests: many connect at once, and a crash of the machine may lose everything.
const FORGETFUL: [&str; 3] = ["fsync=off", "full_page_writes=off", "max_connections=300"];

pub(super) struct Server {
    child: Child,
}

impl Server {
    /// Returns when the server takes connections, or with the reason why it does not.
    pub fn start(
        installation: &Installation,
        stopping: &AtomicBool,
    ) -> Result<Server, ClusterError> {
        let layout = &installation.layout;
        stale::clear(installation)?;
        create_for_server(&layout.run, &installation.users.server)?;
        write_access_rules(installation)?;
        let mut log = open_log(&layout.log).during("open", &layout.log)?;
        let log_begin = log.seek(SeekFrom::End(0)).during("read", &layout.log)?;
        let mut server = Server {
            child: spawn(installation, &log)?,
        };
        let begun = Instant::now();
        while !is_ready(layout, server.child.id()) {
            let reason = if let Some(status) = server.exited().during("await", &layout.pg)? {
                log_reason(&mut log, log_begin).unwrap_or_else(|| status.to_string())
            } else if stopping.load(Ordering::Acquire) || begun.elapsed() > READY_PATIENCE {
                server.stop();
                format!("not ready after {} s", begun.elapsed().as_secs())
            } else {
                thread::sleep(POLL);
                continue;
            };
            let log = layout.log.clone();
            return Err(ClusterError::DidNotStart { reason, log });
        }
        Ok(server)
    }

    pub fn exited(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    pub fn stop(&mut self) {
        for (signal, patience) in STOPS {
            if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
                // It fails only if the process is gone, which the wait below finds out.
                kill_process(pid, signal).ok();
            }
            let begun = Instant::now();
            while begun.elapsed() < patience {
                if !matches!(self.exited(), Ok(None)) {
                    return;
                }
                thread::sleep(POLL);
            }
            tracing::warn!("PostgreSQL did not stop within {} s", patience.as_secs());
        }
    }
}

/// Whether the cluster takes connections, as its server says in line 8 of its pid file.
pub(super) fn is_ready(layout: &Layout, pid: u32) -> bool {
    ready_pid(layout) == Some(pid)
}

pub(super) fn ready_pid(layout: &Layout) -> Option<u32> {
    let bytes = fs::read(layout.pid_file()).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse().ok()?;
    (lines.nth(6)?.trim() == "ready").then_some(pid)
}

fn spawn(installation: &Installation, log: &File) -> Result<Child, ClusterError> {
    let layout = &installation.layout;
    let mut command = command(installation, "postgres");
    command
        .arg("-D")
        .arg(&layout.pg)
        .args(["-h", "", "-p", "5432", "-k"])
        .arg(&layout.run);
    for (name, path) in [("hba_file=", &layout.hba), ("ident_file=", &layout.ident)] {
        let mut setting = OsString::from(name);
        setting.push(path);
        command.arg("-c").arg(setting);
    }
    let settings = [
        "unix_socket_permissions=0700",
        "max_connections=60",
        "logging_collector=off",
        "jit=off",
        "timezone=UTC",
        "log_timezone=UTC",
    ];
    for setting in settings {
        command.args(["-c", setting]);
    }
    if !installation.durable {
        for setting in FORGETFUL {
            command.args(["-c", setting]);
        }
    }
    let output = || log.try_clone().during("open", &layout.log);
    command.stdout(output()?).stderr(output()?);
    command
        .spawn()
        .map_err(|error| failed_to_run("postgres", &error))
}

/// Keeps one older log, so that the two together stay small.
fn open_log(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|log| log.len() > LOG_BYTES_MAX) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    options.mode(0o600).open(path)
}

fn log_reason(log: &mut File, begin: u64) -> Option<String> {
    let mut bytes = Vec::new();
    log.seek(SeekFrom::Start(begin)).ok()?;
    log.read_to_end(&mut bytes).ok()?;
    reason_in(&String::from_utf8_lossy(&bytes))
}
