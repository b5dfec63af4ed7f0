//! How every PostgreSQL program is started: as the server's user, with nothing inherited.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};

use crate::postgres::Installation;
use crate::postgres::error::ClusterError;

pub(super) fn command(installation: &Installation, program: &str) -> Command {
    as_server(installation, &installation.binaries.dir.join(program))
}

pub(super) fn as_server(installation: &Installation, program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .current_dir(&installation.layout.root)
        .stdin(Stdio::null())
        // Ctrl-C in the terminal is for latchkey, which then stops the server in good order.
        .process_group(0);
    if let Some(lib_dir) = &installation.binaries.lib_dir {
        command.env("LD_LIBRARY_PATH", lib_dir);
    }
    let server = &installation.users.server;
    if server.switched {
        command.uid(server.uid).gid(server.gid);
    }
    die_with_this_thread(&mut command);
    command
}

pub(super) fn failed_to_run(program: &str, error: &io::Error) -> ClusterError {
    ClusterError::ProgramFailed {
        program: program.to_owned(),
        reason: error.to_string(),
    }
}

/// The line that says why, where a program left more than one.
pub(super) fn require_success(program: &str, output: &Output) -> Result<(), ClusterError> {
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let reason = reason_in(&text).unwrap_or_else(|| output.status.to_string());
    Err(ClusterError::ProgramFailed {
        program: program.to_owned(),
        reason,
    })
}

/// The worst that a program complained of, without its time stamp; else its last words.
pub(super) fn reason_in(text: &str) -> Option<String> {
    let worst = ["PANIC: ", "FATAL: ", "ERROR: ", "error: "];
    let complaint = worst
        .into_iter()
        .find_map(|mark| text.lines().find_map(|line| line.split_once(mark)))
        .map(|(_, complaint)| complaint);
    let last = || text.lines().rfind(|line| !line.trim().is_empty());
    complaint.or_else(last).map(|line| line.trim().to_owned())
}

/// The kernel sends SIGINT, a fast shutdown, when the thread that spawned the program ends, even
/// by `kill -9`. So the server is spawned by a thread that lives as long as its `Cluster`.
#[expect(
    unsafe_code,
    reason = "between fork and exec this makes two system calls and allocates nothing"
)]
fn die_with_this_thread(command: &mut Command) {
    let parent = getpid();
    let prepare = move || {
        set_parent_process_death_signal(Some(Signal::INT))?;
        // The parent may have died before the line above.
        if getppid() == Some(parent) {
            Ok(())
        } else {
            Err(io::ErrorKind::Interrupted.into())
        }
    };
    // SAFETY: both calls are plain system calls, allowed between fork and exec. The standard
    // library runs them after it changed the user, which would have cleared the signal.
    unsafe {
        command.pre_exec(prepare);
    }
}
