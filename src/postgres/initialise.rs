//! Makes the cluster with its database, complete or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use crate::postgres::DATABASE;
use crate::postgres::Installation;
use crate::postgres::ROLE;
use crate::postgres::command::command;
use crate::postgres::command::failed_to_run;
use crate::postgres::command::require_success;
use crate::postgres::data_dir::create_for_server;
use crate::postgres::error::ClusterError;
use crate::postgres::error::During;
use crate::postgres::stale;

/// Works in `pg.new` and renames at the end, so that a crash leaves nothing half made.
pub(super) fn initialise(installation: &Installation) -> Result<(), ClusterError> {
    let layout = &installation.layout;
    let server = &installation.users.server;
    if layout.pg.join("PG_VERSION").exists() {
        return Ok(());
    }
    tracing::info!(
        "making a PostgreSQL {} cluster in {}",
        installation.binaries.major,
        layout.root.display()
    );
    if layout.pg_new.exists() {
        stale::wait_until_free(installation, &layout.pg_new)?;
        fs::remove_dir_all(&layout.pg_new).during("remove", &layout.pg_new)?;
    }
    create_for_server(&layout.pg_new, server)?;
    run_initdb(installation)?;
    create_database(installation)?;
    if installation.durable {
        sync(installation)?;
    }
    fs::rename(&layout.pg_new, &layout.pg).during("put in place", &layout.pg)?;
    let root = File::open(&layout.root).and_then(|root| root.sync_all());
    root.during("sync", &layout.root)
}

/// Only this process's user gets in, over the socket, as the owner of the database.
///
/// The files lie outside the cluster, where the server's user cannot change them.
pub(super) fn write_access_rules(installation: &Installation) -> Result<(), ClusterError> {
    let layout = &installation.layout;
    let client = installation.users.client.replace('"', "\"\"");
    let hba = format!("local all all peer map={ROLE}\n");
    let ident = format!("{ROLE} \"{client}\" {ROLE}\n");
    write_readable(&layout.hba, &hba)?;
    write_readable(&layout.ident, &ident)
}

fn run_initdb(installation: &Installation) -> Result<(), ClusterError> {
    let output = command(installation, "initdb")
        .arg("-D")
        .arg(&installation.layout.pg_new)
        .args(["-U", ROLE, "-A", "peer", "-E", "UTF8"])
        .args(["--no-locale", "--no-sync", "--no-instructions"])
        .output();
    require_success("initdb", &output.map_err(|e| failed_to_run("initdb", &e))?)
}

/// In single-user mode: no socket, no password, and over before the server first starts.
fn create_database(installation: &Installation) -> Result<(), ClusterError> {
    let statement = format!("CREATE DATABASE {DATABASE}\n");
    let run = || -> io::Result<_> {
        let mut child = command(installation, "postgres")
            .arg("--single")
            .args(["-c", "exit_on_error=on", "-c", "fsync=off", "-D"])
            .arg(&installation.layout.pg_new)
            .arg("postgres")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(statement.as_bytes())?;
        }
        child.wait_with_output()
    };
    let output = run().map_err(|error| failed_to_run("postgres --single", &error))?;
    require_success("postgres --single", &output)
}

fn sync(installation: &Installation) -> Result<(), ClusterError> {
    let output = command(installation, "initdb")
        .arg("--sync-only")
        .arg("-D")
        .arg(&installation.layout.pg_new)
        .output();
    require_success("initdb", &output.map_err(|e| failed_to_run("initdb", &e))?)
}

fn write_readable(path: &Path, text: &str) -> Result<(), ClusterError> {
    let written = fs::write(path, text)
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o644)));
    written.during("write", path)
}
