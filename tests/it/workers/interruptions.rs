use std::sync::Arc;

use diesel::RunQueryDsl;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::random::OsRandom;
use latchkey::spool::Spool;
use latchkey::spool::SpoolConfig;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;

use super::LogPath;
use super::allowed;
use super::completion_of;
use super::seconds;
use super::waiting;

const TERMINATE: &str = "select pg_terminate_backend(pid) from pg_stat_activity
                          where datname = current_database() and pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_at_any_moment_lose_and_double_nothing() {
    const REQUESTS: i64 = 400;
    const CUTS: i64 = 8;
    let path = LogPath::with_segments_of(5_000);
    for second in 0..REQUESTS {
        let decision = waiting(path.now() - seconds(second));
        let completion = completion_of(&decision, 200, 2);
        path.append(&Record::Decision(decision));
        path.append(&completion);
    }
    path.spool.sync();
    let shipper = path.shipper().with_batches_of(9);
    let shipping = tokio::spawn(async move {
        let mut failures = 0;
        loop {
            match shipper.run_once().await {
                Ok(step) if !step.more => return failures,
                Ok(_) => {}
                Err(_) => failures += 1,
            }
        }
    });
    let mut killer = path.test_db.connection();
    for cut in 0..CUTS {
        // Somewhere in the transaction after the one that brought the last of these rows.
        while path.rows() < cut * REQUESTS / CUTS {
            tokio::task::yield_now().await;
        }
        diesel::sql_query(TERMINATE).execute(&mut killer).unwrap();
    }
    assert!(shipping.await.unwrap() > 0, "nothing was cut");
    assert_eq!(path.rows(), REQUESTS);
    let distinct = "select count(distinct request_id) from request_log where status = 200";
    assert_eq!(path.number(distinct), REQUESTS);
    let totals =
        "select concat_ws(' ', sum(requests), sum(failed), sum(credits)) from usage_hourly";
    assert_eq!(path.text(totals), "400 0 800");
    let uses = "select requests from key_secrets where account_id = 1 and generation = 1";
    assert_eq!(path.number(uses), REQUESTS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_ship_the_same_keys_at_once_do_not_deadlock() {
    const ROUNDS: i64 = 150;
    let path = LogPath::new();
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(path.clock.clone());
    let other = Spool::open(&SpoolConfig::new(directory.path()), clock, &OsRandom).unwrap();
    for round in 0..ROUNDS {
        let first = allowed(path.now() - seconds(round * 997));
        let second = DecisionRecord {
            account: AccountId(2),
            workspace: WorkspaceId(2),
            key: "bbbbbbbbbbbb".parse().unwrap(),
            path: format!("/v1/documents/{round}").into(),
            ..allowed(path.now() - seconds(round * 31))
        };
        // Each node meets the keys in another order.
        path.append(&Record::Decision(first.clone()));
        path.append(&Record::Decision(second.clone()));
        other.append_blocking(&Record::Decision(second)).unwrap();
        other.append_blocking(&Record::Decision(first)).unwrap();
    }
    let (one, two) = (
        path.shipper().with_batches_of(7),
        path.shipper_of(&other).with_batches_of(5),
    );
    let (one, two) = tokio::join!(
        tokio::spawn(async move { one.drain().await }),
        tokio::spawn(async move { two.drain().await }),
    );
    one.unwrap().unwrap();
    two.unwrap().unwrap();
    assert_eq!(path.rows(), 4 * ROUNDS);
    let totals = "select sum(requests) from workspace_usage_daily";
    assert_eq!(path.number(totals), 4 * ROUNDS);
}
