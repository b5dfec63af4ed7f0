//! Reads from a streaming replica, as long as it is a good one.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use diesel::RunQueryDsl;
use diesel::sql_types::Bool;
use diesel::sql_types::Text;
use latchkey::db::BEHIND_MAX;
use latchkey::db::Db;
use latchkey::db::DbError;
use latchkey::db::Read;
use latchkey::domain::account::AccountId;

use crate::support::clock::TestClock;
use crate::support::replica::Replicated;
use crate::support::wait::wait_for;

/// Longer than a replica rests that failed.
const REST: Duration = Duration::from_secs(6);

#[derive(diesel::QueryableByName)]
struct Where {
    #[diesel(sql_type = Bool)]
    follows: bool,
    #[diesel(sql_type = Text)]
    role: String,
}

/// Who answers, and as whom.
async fn asked(db: &Db) -> Read<Where> {
    let ask = |conn: &mut diesel::PgConnection| {
        let sql = "select pg_is_in_recovery() as follows, current_user::text as role";
        Ok(diesel::sql_query(sql).get_result(conn)?)
    };
    db.read(ask).await.unwrap()
}

async fn finds_node(db: &Db, name: &'static str) -> bool {
    let find = move |conn: &mut diesel::PgConnection| {
        let found = diesel::sql_query("select 1 from nodes where name = $1")
            .bind::<Text, _>(name)
            .execute(conn)?;
        if found == 0 {
            Err(DbError::NotFound)
        } else {
            Ok(())
        }
    };
    db.read(find).await.is_ok()
}

fn node(name: &str, seconds_ago: u32) -> String {
    format!(
        "insert into nodes (id, name, version, started_at, heartbeat_at, applied_seq, lease_ms)
         values (gen_random_uuid(), '{name}', '1', now(), now() - interval '{seconds_ago} s', 0, 2000)"
    )
}

fn opened(replicated: &Replicated, clock: &TestClock) -> Db {
    Db::new(&replicated.url(), 2).with_replica(
        &replicated.follower_url(),
        2,
        Arc::new(clock.clone()),
    )
}

#[tokio::test]
async fn reads_come_from_the_replica_and_say_how_far_it_is_behind() {
    let replicated = Replicated::start();
    let db = opened(&replicated, &TestClock::at("2026-11-21T09:41:07Z"));
    // It has never heard of a node, so nobody can say how old its rows are.
    let before = asked(&db).await;
    assert!(!before.found.follows && before.behind.is_none());

    let clock = TestClock::at("2026-11-21T09:41:07Z");
    let db = opened(&replicated, &clock);
    replicated.execute(&node("first", 3));
    wait_for("the follower to follow", || {
        replicated.follower_has("select 1 from nodes")
    });
    let read = asked(&db).await;
    assert!(read.found.follows);
    let behind = read.behind.unwrap();
    assert!(
        behind >= Duration::from_secs(3) && behind < BEHIND_MAX,
        "{behind:?}"
    );
    let tenant = asked(&db.of(AccountId(1))).await;
    assert!(tenant.found.follows);
    assert_eq!(tenant.found.role, "latchkey_tenant");

    // What is so new that the replica does not have it is found all the same.
    replicated.execute_there("select pg_wal_replay_pause()");
    replicated.execute(&node("second", 0));
    assert!(finds_node(&db, "second").await);
    assert!(!finds_node(&db, "third").await);
    assert!(asked(&db).await.found.follows, "a missing row is no fault");
}

#[tokio::test]
async fn a_replica_that_is_behind_frozen_or_gone_is_passed_over_until_it_is_well_again() {
    let replicated = Replicated::start();
    let clock = TestClock::at("2026-11-21T09:41:07Z");
    let db = opened(&replicated, &clock);
    replicated.execute(&node("only", 61));
    wait_for("the follower to follow", || {
        replicated.follower_has("select 1 from nodes")
    });
    replicated.execute_there("select pg_wal_replay_pause()");
    replicated.execute("update nodes set heartbeat_at = now() + interval '1 hour'");
    assert!(!asked(&db).await.found.follows, "a minute behind");
    replicated.execute_there("select pg_wal_replay_resume()");
    wait_for("the follower to catch up", || {
        replicated.follower_has("select 1 from nodes where heartbeat_at > now()")
    });
    assert!(!asked(&db).await.found.follows, "it rests");
    clock.advance(REST);
    assert!(asked(&db).await.found.follows, "well again");

    replicated.freeze();
    let begun = Instant::now();
    assert!(!asked(&db).await.found.follows, "frozen");
    assert!(begun.elapsed() < Duration::from_secs(10));
    let begun = Instant::now();
    assert!(!asked(&db).await.found.follows);
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "nobody waits for it twice"
    );
    replicated.thaw();
    clock.advance(REST);
    assert!(asked(&db).await.found.follows, "thawed");

    replicated.stop_follower();
    assert!(!asked(&db).await.found.follows, "gone");
}
