//! Two lock files: one says who owns the data directory, the other who uses its cluster meanwhile.
//!
//! Both are held by `flock`, so the kernel lets go of them however a process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::postgres::data_dir::Layout;
use crate::postgres::error::ClusterError;
use crate::postgres::error::During;

/// Outlasts the instant in which another process only asks whether the lock is held.
const OWNER_PATIENCE: Duration = Duration::from_millis(300);
/// How long a stopping owner waits for the subcommands that use its cluster.
const GUEST_PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(10);

/// Held by the process that runs the cluster, as long as it does.
#[derive(Debug)]
pub(super) struct OwnerLock {
    _file: File,
}

impl OwnerLock {
    pub fn take(layout: &Layout) -> Result<OwnerLock, ClusterError> {
        let mut file = open(&layout.lock)?;
        let taken = within(OWNER_PATIENCE, || try_exclusive(&file));
        if !taken.during("lock", &layout.lock)? {
            return Err(ClusterError::AlreadyRunning {
                data_dir: layout.root.clone(),
                pid: read_pid(&mut file),
            });
        }
        write_pid(&mut file).during("write", &layout.lock)?;
        Ok(OwnerLock { _file: file })
    }

    /// Whether some process holds it. The answer may be old as soon as it is given.
    pub fn is_held(layout: &Layout) -> Result<bool, ClusterError> {
        if !layout.lock.exists() {
            return Ok(false);
        }
        let file = open(&layout.lock)?;
        Ok(!try_exclusive(&file).during("lock", &layout.lock)?)
    }
}

/// Shared by the processes that use a cluster which another one runs; its owner waits for them.
#[derive(Debug)]
pub(super) struct GuestLock {
    _file: File,
}

impl GuestLock {
    /// `None` while the owner is stopping the cluster.
    pub fn share(layout: &Layout) -> Result<Option<GuestLock>, ClusterError> {
        let file = open(&layout.guests)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(GuestLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(source).during("lock", &layout.guests),
        }
    }

    /// Waits until no guest is left, then keeps new ones out as long as the value lives.
    pub fn shut_out(layout: &Layout) -> Option<GuestLock> {
        let file = open(&layout.guests).ok()?;
        let taken = within(GUEST_PATIENCE, || try_exclusive(&file));
        if !matches!(taken, Ok(true)) {
            tracing::warn!("stopping PostgreSQL although another latchkey command still uses it");
        }
        Some(GuestLock { _file: file })
    }
}

fn within(patience: Duration, attempt: impl Fn() -> io::Result<bool>) -> io::Result<bool> {
    let begun = Instant::now();
    loop {
        if attempt()? {
            return Ok(true);
        }
        if begun.elapsed() > patience {
            return Ok(false);
        }
        thread::sleep(POLL);
    }
}

fn try_exclusive(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn open(path: &Path) -> Result<File, ClusterError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.mode(0o600).open(path).during("open", path)
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
