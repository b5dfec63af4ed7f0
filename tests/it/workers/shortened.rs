//! Accounts that keep their calls for less than the installation does.

use std::sync::Arc;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::Connection;
use diesel::connection::SimpleConnection;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::log_retention::KeptDays;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;
use latchkey::workers::retention::Retention;

use super::KEPT;
use super::LogPath;
use super::allowed;

const THEIRS: &str = "select count(*) from request_log where account_id = 1";
const OTHERS: &str = "select count(*) from request_log where account_id = 2";
const MISSED: &str = "select count(*) from request_details";

fn retention(path: &LogPath, kept: KeptDays) -> Retention {
    Retention::new(path.test_db.db(), Arc::new(path.clock.clone()), kept)
}

fn refused(at: DateTime<Utc>) -> DecisionRecord<'static> {
    DecisionRecord {
        denied: Some(DenyReason::InsufficientScope),
        detail: "documents:write".into(),
        status: Some(403),
        ..allowed(at)
    }
}

fn of_the_other(at: DateTime<Utc>) -> DecisionRecord<'static> {
    DecisionRecord {
        account: AccountId(2),
        workspace: WorkspaceId(2),
        key: "bbbbbbbbbbbb".parse().unwrap(),
        ..refused(at)
    }
}

/// Calls of both accounts on each of ten days.
async fn filled() -> LogPath {
    let path = LogPath::new();
    for days in 0..10 {
        let at = path.now() - TimeDelta::days(days);
        for call in [allowed(at), refused(at), of_the_other(at)] {
            path.append(&Record::Decision(call));
        }
    }
    path.shipper().drain().await.unwrap();
    path
}

#[tokio::test]
async fn an_account_loses_its_older_calls_and_no_other_account_does() {
    let path = filled().await;
    let retention = retention(&path, KEPT);
    assert_eq!(retention.run_once().await.unwrap().rows, 0);
    path.test_db
        .execute("update accounts set log_retention_days = 3 where id = 1");
    let usage = "select sum(requests) from usage_daily where account_id = 1";
    let counted = path.number(usage);
    // Six days of two calls, and what the second of them missed.
    assert_eq!(retention.run_once().await.unwrap().rows, 18);
    assert_eq!((path.number(THEIRS), path.number(OTHERS)), (8, 10));
    assert_eq!(path.number(MISSED), 14);
    assert_eq!(path.number(usage), counted, "counts stay");
    assert_eq!(retention.run_once().await.unwrap().rows, 0);

    let late = path.now() - TimeDelta::days(5);
    path.append(&Record::Decision(allowed(late)));
    path.shipper().drain().await.unwrap();
    assert_eq!(retention.run_once().await.unwrap().rows, 1, "came late");
}

#[tokio::test]
async fn an_account_keeps_nothing_for_longer_than_the_installation() {
    let path = filled().await;
    path.test_db
        .execute("update accounts set log_retention_days = 90 where id = 1");
    let kept = KeptDays::of_installation(3);
    let removed = retention(&path, kept).run_once().await.unwrap();
    assert_eq!(removed.partitions.len(), 6);
    assert_eq!((path.number(THEIRS), path.number(OTHERS)), (8, 4));
}

#[tokio::test]
async fn more_than_a_batch_goes_in_one_round_and_calls_of_one_instant_go_together() {
    let path = filled().await;
    path.test_db.execute(
        "insert into request_log (at, account_id, workspace_id, path_id, agent_id, name_id, credits,
             duration_us, status, code, method, surface, generation, key_id, request_id)
         select timestamptz '2026-11-15 10:00Z' + n / 4 * interval '1 second', 1, 1, 1, 2, 3, 0, 9, 200, 0, 1, 1, 1,
             'aaaaaaaaaaaa', 'req_' || n from generate_series(1, 11003) n;
         update accounts set log_retention_days = 3 where id = 1",
    );
    let removed = retention(&path, KEPT).run_once().await.unwrap();
    assert_eq!(removed.rows, 11_003 + 18);
    assert_eq!(path.number(THEIRS), 8);
}

#[tokio::test]
async fn new_calls_are_stored_while_old_ones_are_being_deleted() {
    let path = filled().await;
    path.test_db
        .execute("update accounts set log_retention_days = 3 where id = 1");
    let mut other = path.test_db.connection();
    other.begin_test_transaction().unwrap();
    // As a batch does, and the lock that tells other nodes that one is at it.
    other
        .batch_execute(
            "select pg_advisory_xact_lock(7809651199139577860);
             delete from request_log where account_id = 1 and at < '2026-11-18Z'",
        )
        .unwrap();
    path.append(&Record::Decision(allowed(path.now())));
    path.shipper().drain().await.unwrap();
    assert_eq!(path.number(THEIRS), 21, "the deletion is not over");
    let removed = retention(&path, KEPT).run_once().await.unwrap();
    assert_eq!(removed.rows, 0, "nobody waits for the one that deletes");
    other.batch_execute("rollback").unwrap();
    assert_eq!(retention(&path, KEPT).run_once().await.unwrap().rows, 18);
}
