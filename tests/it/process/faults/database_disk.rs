//! The database has no room left on its disk.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use diesel::Connection;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use latchkey::db::Db;
use latchkey::db::DbError;
use reqwest::Client;

use crate::process::faults::Load;
use crate::process::faults::PATIENT;
use crate::process::faults::Said;
use crate::process::faults::assert_logged;
use crate::process::faults::assert_only_valid_or_unavailable;
use crate::support::cluster::shared_cluster;
use crate::support::db::TestDb;
use crate::support::nodes::installation_on;
use crate::support::nodes::key;
use crate::support::process::Process;

const TABLESPACE: &str = "latchkey_small";
const BIG: &str =
    "insert into ballast select repeat(md5(n::text), 50) from generate_series(1, 20000) n";

/// A small disk that the server keeps a database on.
struct Disk {
    _parent: tempfile::TempDir,
    path: PathBuf,
}

impl Disk {
    fn mount() -> Self {
        let parent = tempfile::tempdir().unwrap();
        run("chmod", &["755", parent.path().to_str().unwrap()]);
        let path = parent.path().join("disk");
        fs::create_dir(&path).unwrap();
        let options = "size=96m,mode=0700,uid=postgres,gid=postgres";
        let at = path.to_str().unwrap();
        run("mount", &["-t", "tmpfs", "-o", options, "tmpfs", at]);
        Self {
            _parent: parent,
            path,
        }
    }

    fn fill(&self) {
        let mut file = fs::File::create(self.path.join("filler")).unwrap();
        let mut length = 64 * 1024;
        while length > 0 {
            if file.write_all(&vec![7; length]).is_err() {
                length /= 2;
            }
        }
    }

    fn empty(&self) {
        fs::remove_file(self.path.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        maintain(&format!("drop tablespace if exists {TABLESPACE}"));
        run("umount", &["-l", self.path.to_str().unwrap()]);
    }
}

fn run(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{program}, as root: {said}");
}

fn maintain(statement: &str) {
    let mut connection = PgConnection::establish(&shared_cluster().url("postgres")).unwrap();
    connection.batch_execute(statement).unwrap();
}

async fn write(db: &Db) -> Result<(), DbError> {
    db.run(|conn| Ok(diesel::sql_query(BIG).execute(conn).map(drop)?))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, to mount; cargo test --test it -- --ignored database_disk"]
async fn with_a_full_disk_the_database_refuses_changes_and_keys_are_verified_all_the_same() {
    let disk = Disk::mount();
    let at = disk.path.display();
    maintain(&format!("create tablespace {TABLESPACE} location '{at}'"));
    let db = TestDb::new();
    for kind in ["table", "index"] {
        db.execute(&format!(
            "alter {kind} all in tablespace pg_default set tablespace {TABLESPACE}"
        ));
    }
    db.execute(&format!(
        "alter database {} set default_tablespace = {TABLESPACE}",
        db.name()
    ));
    db.execute("create table ballast (text text)");
    let mut installation = installation_on(&db.url());
    installation.set(PATIENT.0, PATIENT.1);
    installation.create_account();
    let credential = installation.line(&["service-credential", "create", "tests"], "");
    let secret = key(&db, 1).expose().to_owned();
    let process = Process::start(installation.command(&["serve"]));
    let load = Load::of(&secret, &credential, process.api());
    load.wait_for(&Said::Valid, 100).await;

    disk.fill();
    let refused = write(&db.db()).await.unwrap_err();
    assert!(matches!(refused, DbError::Unavailable(_)), "{refused}");
    load.wait_for(&Said::Valid, 500).await;
    let health = Client::new().get(format!("{}/healthz", process.api()));
    assert_eq!(health.send().await.unwrap().status(), 200);

    disk.empty();
    write(&db.db()).await.unwrap();
    load.wait_for(&Said::Valid, 100).await;
    let calls = load.end().await;
    assert_only_valid_or_unavailable(&calls);
    assert_logged(&mut db.connection(), &calls).await;
    process.stop();
    drop(db);
}
