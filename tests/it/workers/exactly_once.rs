use std::sync::Arc;

use diesel::Connection;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use latchkey::db::Db;
use latchkey::domain::random::OsRandom;
use latchkey::spool::Spool;
use latchkey::spool::SpoolConfig;
use latchkey::spool::record::Record;
use latchkey::workers::log_shipper::LogShipper;
use latchkey::workers::log_shipper::Shipped;
use tokio_util::sync::CancellationToken;

use super::KEPT;
use super::LogPath;
use super::allowed;
use super::seconds;

#[tokio::test]
async fn a_batch_is_shipped_at_a_time_and_each_record_once() {
    let path = LogPath::with_segments_of(2_000);
    for second in 0..100 {
        path.append(&Record::Decision(allowed(path.now() + seconds(second))));
        if second % 10 == 0 {
            path.spool.sync();
        }
    }
    path.spool.sync();
    let shipper = path.shipper().with_batches_of(7);
    let first = shipper.run_once().await.unwrap();
    assert_eq!(
        first,
        Shipped {
            records: 7,
            more: true
        }
    );
    assert_eq!(path.rows(), 7);
    assert_eq!(shipper.drain().await.unwrap(), 93);
    assert_eq!(path.rows(), 100);
    assert_eq!(
        path.number("select count(distinct request_id) from request_log"),
        100
    );
    let segments = crate::spool::segments(path.directory.path());
    assert_eq!(segments.len(), 1, "shipped segments are deleted");
}

#[tokio::test]
async fn a_kill_after_the_commit_doubles_nothing_and_one_before_it_loses_nothing() {
    let path = LogPath::with_segments_of(1_000);
    for second in 0..30 {
        path.append(&Record::Decision(allowed(path.now() + seconds(second))));
        path.spool.sync();
    }
    // The files as they were before anything was shipped or deleted, and a database that has some
    // of it: a kill between commit and delete.
    let image = crate::spool::image_of(path.directory.path());
    path.shipper().with_batches_of(13).run_once().await.unwrap();
    let before = path.rows();
    assert!((1..30).contains(&before));

    let clock = Arc::new(path.clock.clone());
    let revived = Spool::open(&SpoolConfig::new(image.path()), clock, &OsRandom).unwrap();
    assert_eq!(revived.id(), path.spool.id());
    let shipper = path.shipper_of(&revived);
    assert_eq!(
        i64::try_from(shipper.drain().await.unwrap()).unwrap(),
        30 - before
    );
    assert_eq!(path.rows(), 30);
    assert_eq!(path.number("select requests from usage_daily"), 30);
    assert_eq!(
        path.number("select requests from key_secrets where account_id = 1 and generation = 1"),
        30
    );
}

#[tokio::test]
async fn of_two_shippers_of_one_spool_one_ships_each_record() {
    let path = LogPath::new();
    for second in 0..50 {
        path.append(&Record::Decision(allowed(path.now() + seconds(second))));
    }
    path.spool.sync();
    let (one, other) = (
        path.shipper().with_batches_of(3),
        path.shipper().with_batches_of(4),
    );
    // Whoever comes second finds the cursor moved, and looks where it is.
    let together = async |shipper: &LogShipper| {
        while path.rows() < 50 {
            let _ = shipper.run_once().await;
        }
    };
    tokio::join!(together(&one), together(&other));
    assert_eq!(path.rows(), 50);
    assert_eq!(path.number("select requests from usage_daily"), 50);
}

#[tokio::test]
async fn without_postgres_nothing_is_lost() {
    let path = LogPath::new();
    path.append(&Record::Decision(allowed(path.now())));
    path.spool.sync();
    let nowhere = Db::new("postgres://nobody@/nothing?host=/nonexistent", 1);
    let clock = Arc::new(path.clock.clone());
    let shipper = LogShipper::new(nowhere, path.spool.clone(), clock, KEPT);
    assert!(shipper.run_once().await.is_err());
    assert_eq!(path.shipper().drain().await.unwrap(), 1);
}

#[tokio::test]
async fn a_failure_in_the_middle_leaves_nothing_behind() {
    let path = LogPath::new();
    let shipper = path.shipper();
    path.append(&Record::Decision(allowed(path.now())));
    path.test_db
        .execute("alter table key_secrets add constraint no_use check (requests = 0)");
    path.spool.sync();
    assert!(shipper.run_once().await.is_err());
    assert_eq!(path.rows(), 0);
    assert_eq!(path.number("select count(*) from usage_hourly"), 0);
    assert_eq!(path.number("select position from spool_cursors"), 0);
    path.test_db
        .execute("alter table key_secrets drop constraint no_use");
    assert_eq!(shipper.drain().await.unwrap(), 1);
    assert_eq!(path.rows(), 1);
}

#[tokio::test]
async fn whoever_reads_the_log_does_not_hold_up_a_new_day() {
    let path = LogPath::new();
    let mut reader: PgConnection = path.test_db.connection();
    reader.begin_test_transaction().unwrap();
    diesel::sql_query("select count(*) from request_log")
        .execute(&mut reader)
        .unwrap();
    path.append(&Record::Decision(allowed(path.now())));
    assert_eq!(path.shipper().drain().await.unwrap(), 1);
}

#[tokio::test]
async fn a_stopped_shipper_ships_what_is_left() {
    let path = LogPath::new();
    for _ in 0..5 {
        path.append(&Record::Decision(allowed(path.now())));
    }
    let stop = CancellationToken::new();
    stop.cancel();
    path.shipper().run(stop).await;
    assert_eq!(path.rows(), 5);
}
