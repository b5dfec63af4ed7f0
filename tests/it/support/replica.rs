//! A cluster, and another that follows it by streaming replication.

use std::fs;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use diesel::Connection;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use latchkey::db::migrations;
use latchkey::postgres::Cluster;
use latchkey::postgres::DATABASE;
use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;
use rustix::process::set_parent_process_death_signal;

use crate::support::cluster::config_for_tests;
use crate::support::wait::wait_for;

const ROLE: &str = "latchkey";
const PORT: &str = "5433";

pub struct Replicated {
    // Dropped in this order: the follower first.
    follower: Follower,
    primary: Cluster,
    _place: tempfile::TempDir,
}

struct Follower {
    server: Child,
    data: PathBuf,
}

impl Drop for Follower {
    fn drop(&mut self) {
        // Also one that was stopped by a test.
        self.signal(Signal::CONT);
        self.signal(Signal::QUIT);
        let _ = self.server.wait();
    }
}

impl Follower {
    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.server);
        let _ = kill_process(pid, signal);
        // The postmaster's children too: they answer what is connected.
        let children = format!("/proc/{0}/task/{0}/children", self.server.id());
        for child in fs::read_to_string(children)
            .unwrap_or_default()
            .split_whitespace()
        {
            let pid = child.parse().ok().and_then(Pid::from_raw);
            if let (Some(pid), Signal::STOP | Signal::CONT) = (pid, signal) {
                let _ = kill_process(pid, signal);
            }
        }
    }
}

impl Replicated {
    /// Both migrated, the second up to date with the first.
    pub fn start() -> Self {
        let place = tempfile::Builder::new().prefix("lk-").tempdir().unwrap();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let primary = Cluster::start(&config_for_tests(&place.path().join("data"))).unwrap();
        migrations::apply(&primary.url(DATABASE)).unwrap();
        let owner = primary.data_dir().join("pg").metadata().unwrap();
        let (uid, gid) = (owner.uid(), owner.gid());
        let bin = bin_dir(primary.data_dir());
        let_followers_in(&primary, uid);
        let run = place.path().join("run");
        fs::create_dir(&run).unwrap();
        let data = place.path().join("follower");
        copy(&primary, &bin, &data);
        give(&data, (uid, gid));
        give(&run, (uid, gid));
        let mut command = Command::new(bin.join("postgres"));
        command
            .arg("-D")
            .arg(&data)
            .args(["-h", "", "-p", PORT, "-c", "max_connections=300", "-k"])
            .arg(&run)
            .current_dir(place.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for (name, file) in [("hba_file", "pg_hba.conf"), ("ident_file", "pg_ident.conf")] {
            let path = primary.data_dir().join(file);
            command.arg("-c").arg(format!("{name}={}", path.display()));
        }
        if rustix::process::geteuid().is_root() {
            command.uid(uid).gid(gid);
        }
        let follower = Follower {
            server: start(&mut command),
            data,
        };
        let replicated = Self {
            follower,
            primary,
            _place: place,
        };
        let url = replicated.follower_url();
        wait_for("the follower", || PgConnection::establish(&url).is_ok());
        replicated
    }

    pub fn url(&self) -> String {
        self.primary.url(DATABASE)
    }

    pub fn follower_url(&self) -> String {
        let there = self.follower.data.parent().unwrap().join("run");
        let here = self.primary.data_dir().join("run");
        let encoded = |path: &Path| path.display().to_string().replace('/', "%2F");
        self.url()
            .replace(&encoded(&here), &encoded(&there))
            .replace(":5432", &format!(":{PORT}"))
    }

    pub fn execute(&self, sql: &str) {
        let mut conn = PgConnection::establish(&self.url()).unwrap();
        conn.batch_execute(sql).unwrap();
    }

    pub fn execute_there(&self, sql: &str) {
        let mut conn = PgConnection::establish(&self.follower_url()).unwrap();
        conn.batch_execute(sql).unwrap();
    }

    /// Whether the follower finds a row by now.
    pub fn follower_has(&self, sql: &str) -> bool {
        let mut conn = PgConnection::establish(&self.follower_url()).unwrap();
        let found = diesel::sql_query(sql).execute(&mut conn);
        found.is_ok_and(|rows| rows > 0)
    }

    /// It ends, and its connections with it.
    pub fn stop_follower(&self) {
        self.follower.signal(Signal::QUIT);
        wait_for("the follower to end", || {
            PgConnection::establish(&self.follower_url()).is_err()
        });
    }

    /// The follower answers nothing any more, and closes nothing.
    pub fn freeze(&self) {
        self.follower.signal(Signal::STOP);
    }

    pub fn thaw(&self) {
        self.follower.signal(Signal::CONT);
    }
}

/// That of the running server.
pub fn bin_dir(data_dir: &Path) -> PathBuf {
    let text = fs::read_to_string(data_dir.join("pg/postmaster.pid")).unwrap();
    let pid = text.lines().next().unwrap();
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap();
    program.parent().unwrap().to_owned()
}

/// The private cluster lets nobody replicate it.
fn let_followers_in(primary: &Cluster, uid: u32) {
    let append = |file: &str, line: String| {
        let path = primary.data_dir().join(file);
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    };
    append(
        "pg_hba.conf",
        format!("local replication all peer map={ROLE}\n"),
    );
    let names = fs::read_to_string("/etc/passwd").unwrap();
    let name = names.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid.to_string()).then_some(name)
    });
    append(
        "pg_ident.conf",
        format!("{ROLE} \"{}\" {ROLE}\n", name.unwrap()),
    );
    let mut conn = PgConnection::establish(&primary.url("postgres")).unwrap();
    conn.batch_execute("select pg_reload_conf()").unwrap();
}

fn copy(primary: &Cluster, bin: &Path, to: &Path) {
    let copied = || {
        let output = Command::new(bin.join("pg_basebackup"))
            .args(["-R", "--checkpoint=fast", "-X", "stream", "-U", ROLE])
            .args(["-p", "5432", "-h"])
            .arg(primary.data_dir().join("run"))
            .arg("-D")
            .arg(to)
            .output()
            .unwrap();
        output.status.success()
    };
    // The new rules count once the server has read them.
    wait_for("pg_basebackup", copied);
}

fn give(path: &Path, (uid, gid): (u32, u32)) {
    if rustix::process::geteuid().is_root() {
        chown(path, Some(uid), Some(gid)).unwrap();
    }
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path(), (uid, gid));
        }
    }
}

#[expect(unsafe_code, reason = "nothing else lets a child end with its parent")]
fn start(command: &mut Command) -> Child {
    // SAFETY: `prctl` is all that runs between fork and exec.
    unsafe {
        command
            .pre_exec(|| set_parent_process_death_signal(Some(Signal::QUIT)).map_err(Into::into));
    }
    command.spawn().unwrap()
}
