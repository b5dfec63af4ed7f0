use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use latchkey::postgres::{Cluster, DATABASE};

use super::{Place, as_user, connect, execute, kill_hard, wait_for};
use crate::support::cluster::config_for_tests;

const OWNER: &str = "postgres::crash::owner_of_a_cluster";
const OWNER_DIR: &str = "LATCHKEY_TEST_OWNER_DIR";

#[test]
fn a_killed_postmaster_is_started_again() {
    let place = Place::new();
    let cluster = place.start();
    execute(&cluster, "create table kept as select 7 as id");
    let killed = place.postmaster();
    kill_hard(killed);
    wait_for("a new postmaster", || {
        connect(&cluster.url(DATABASE)).is_some() && place.postmaster() != killed
    });
    assert_eq!(execute(&cluster, "delete from kept"), 1);
    assert_eq!(cluster.failure(), None);
}

#[test]
fn a_failed_restart_is_reported_and_tried_again() {
    let place = Place::new();
    let cluster = place.start();
    let settings = place.pg().join("postgresql.auto.conf");
    let good = fs::read_to_string(&settings).expect("settings");
    fs::write(&settings, "nonsense = 1\n").expect("to break them");
    kill_hard(place.postmaster());
    wait_for("a report", || cluster.failure().is_some());
    let failure = cluster.failure().unwrap_or_default();
    assert!(failure.contains("start: configuration file"), "{failure}");
    assert!(!failure.contains('\n'), "{failure}");
    fs::write(&settings, good).expect("to mend them");
    wait_for("a restart", || cluster.failure().is_none());
    execute(&cluster, "select 1");
}

/// Not a test of its own: the tests below start it as a process and kill that.
#[test]
#[ignore = "a helper process for the tests beside it"]
fn owner_of_a_cluster() {
    let Some(dir) = std::env::var_os(OWNER_DIR) else {
        return;
    };
    let mut config = config_for_tests(Path::new(&dir));
    config.durable = true;
    let _cluster = Cluster::start(&config).expect("a cluster");
    eprintln!("owner is ready");
    // Ends with the test that started it, if that forgets to kill it.
    std::io::stdin().lines().for_each(drop);
}

pub fn spawn_owner(place: &Place) -> Child {
    let mut owner = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", OWNER, "--ignored", "--nocapture"])
        .env(OWNER_DIR, place.config().data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("an owner");
    let lines = BufReader::new(owner.stderr.take().expect("its output")).lines();
    let ready = lines
        .map_while(Result::ok)
        .any(|line| line == "owner is ready");
    assert!(ready, "the owner did not become ready");
    owner
}

#[test]
fn after_kill_9_of_latchkey_the_next_start_succeeds_at_once() {
    let place = Place::new();
    let mut owner = spawn_owner(&place);
    let orphan = place.postmaster();
    owner.kill().expect("to kill it");
    owner.wait().expect("its end");
    let cluster = place.start();
    assert_ne!(place.postmaster(), orphan);
    execute(&cluster, "select 1");
}

#[test]
fn after_kill_9_of_latchkey_its_server_ends_by_itself() {
    let place = Place::new();
    let mut owner = spawn_owner(&place);
    owner.kill().expect("to kill it");
    owner.wait().expect("its end");
    wait_for("the end of the server", || {
        !place.pg().join("postmaster.pid").exists()
    });
}

#[test]
fn after_kill_9_of_latchkey_and_postmaster_nothing_is_lost() {
    let place = Place::new();
    let mut owner = spawn_owner(&place);
    let run = place.config().data_dir.join("run");
    let url = format!("host={} user=latchkey dbname={DATABASE}", run.display());
    let mut connection = connect(&url).expect("a connection");
    let made = diesel::sql_query("create table kept as select generate_series(1, 1000) as id");
    diesel::RunQueryDsl::execute(made, &mut connection).expect("rows");
    owner.kill().expect("to kill it");
    kill_hard(place.postmaster());
    owner.wait().expect("its end");
    let cluster = place.start();
    assert_eq!(execute(&cluster, "delete from kept"), 1000);
}

#[test]
fn stale_pid_files_of_every_kind_do_not_stop_a_start() {
    let place = Place::new();
    place.start().stop();
    let user = place.server_user();
    let mut dead = as_user("true", user).spawn().expect("a process");
    dead.wait().expect("its end");
    let mut living = as_user("sleep", user)
        .arg("600")
        .process_group(0)
        .spawn()
        .expect("one");
    // It is waited for only at the end, so that it stays a zombie meanwhile.
    let mut zombie = as_user("true", user).spawn().expect("a process");
    let kinds = [
        ("dead", dead.id()),
        ("alive, same user", living.id()),
        ("alive, other user", 1),
        ("zombie", zombie.id()),
        ("ourselves", std::process::id()),
    ];
    wait_for("a zombie", || {
        let status = fs::read_to_string(format!("/proc/{}/status", zombie.id()));
        status.is_ok_and(|status| status.contains("State:\tZ"))
    });
    for (kind, pid) in kinds {
        write_pid_files(&place, pid);
        let started = Cluster::start(&place.config());
        let cluster = started.unwrap_or_else(|error| panic!("{kind}: {error}"));
        execute(&cluster, "select 1");
    }
    living.kill().expect("to kill it");
    living.wait().expect("its end");
    zombie.wait().expect("its end");
}

fn write_pid_files(place: &Place, pid: u32) {
    let pg = place.pg();
    let run = place.config().data_dir.join("run");
    let head = format!(
        "{pid}\n{}\n1700000000\n5432\n{}\n",
        pg.display(),
        run.display()
    );
    let text = format!("{head}\n   123456         7\nready   \n");
    for (path, text) in [
        (pg.join("postmaster.pid"), text),
        (run.join(".s.PGSQL.5432.lock"), head),
    ] {
        fs::write(&path, text).expect("a stale file");
        let (uid, gid) = place.server_user();
        std::os::unix::fs::chown(&path, Some(uid), Some(gid)).expect("to give it away");
    }
}
