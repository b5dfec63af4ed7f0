use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use diesel::{RunQueryDsl, sql_query};
use latchkey::postgres::{Cluster, DATABASE};

use super::{Place, connect, execute};
use crate::support::cluster::shared_cluster;

#[test]
fn the_first_start_makes_a_cluster_with_its_database() {
    let place = Place::new();
    let cluster = place.start();
    execute(&cluster, "create table kept (id int)");
    assert_eq!(mode(&place, ""), 0o711);
    assert_eq!(mode(&place, "pg"), 0o700);
    assert_eq!(mode(&place, "run"), 0o700);
    assert_eq!(mode(&place, "latchkey.lock"), 0o600);
    assert_eq!(mode(&place, "postgres.log"), 0o600);
    assert_eq!(cluster.failure(), None);
}

#[test]
fn a_warm_start_finds_what_was_kept() {
    let place = Place::new();
    let cluster = place.start();
    execute(&cluster, "create table kept as select 7 as id");
    cluster.stop();
    assert!(!place.pg().join("postmaster.pid").exists());
    let cluster = place.start();
    assert_eq!(execute(&cluster, "delete from kept where id = 7"), 1);
}

#[test]
fn a_crash_inside_initdb_is_cleaned_up() {
    let place = Place::new();
    let half = place.config().data_dir.join("pg.new");
    fs::create_dir_all(half.join("base")).expect("half a cluster");
    fs::write(half.join("PG_VERSION"), "15\n").expect("its version");
    // As the first start made it, before it was killed.
    let data_dir = place.config().data_dir;
    fs::set_permissions(&data_dir, fs::Permissions::from_mode(0o711)).expect("open it");
    let cluster = place.start();
    execute(&cluster, "select 1");
    assert!(!half.exists());
}

#[test]
fn odd_characters_in_the_path_do_no_harm() {
    let place = Place::new();
    let mut config = place.config();
    config.data_dir = place
        .dir
        .path()
        .join(OsStr::from_bytes(b" a b'\"\xff%41@;\xc3\xbc "));
    let cluster = Cluster::start(&config).expect("a cluster");
    execute(&cluster, "select 1");
}

#[test]
fn the_url_serves_tokio_postgres_as_well() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let url = shared_cluster().url(DATABASE);
        let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
        let (client, connection) = connected.expect("a connection");
        let connection = tokio::spawn(connection);
        let row = client.query_one("select 40 + 2", &[]).await.expect("a row");
        assert_eq!(row.get::<_, i32>(0), 42);
        drop(client);
        connection.await.expect("its task").expect("a clean end");
    });
}

#[test]
fn a_cluster_started_by_a_short_lived_thread_outlives_it() {
    let place = Place::new();
    let config = place.config();
    let thread = std::thread::spawn(move || Cluster::start(&config).expect("a cluster"));
    let cluster = thread.join().expect("the thread");
    let pid = place.postmaster();
    let mut connection = connect(&cluster.url(DATABASE)).expect("a connection");
    let answer = sql_query("select pg_sleep(0.2)").execute(&mut connection);
    answer.expect("the server to be there still");
    assert_eq!(place.postmaster(), pid);
}

fn mode(place: &Place, name: &str) -> u32 {
    let path = place.config().data_dir.join(name);
    path.metadata().expect(name).permissions().mode() & 0o777
}
