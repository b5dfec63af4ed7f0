//! A batch of many chunks: one transaction, whatever becomes of one of them. A chunk ends with its
//! segment, so short segments make many.

use std::time::Duration;

use diesel::Connection;
use diesel::RunQueryDsl;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;

use super::LogPath;
use super::allowed;
use super::completion_of;
use super::seconds;
use super::waiting;
use crate::support::wait::wait_for;

const SEGMENT_BYTES: u64 = 1_000;
const RECORDS: i64 = 60;
const TRANSACTIONS: &str = "select count(distinct xmin::text) from request_log";

fn append(path: &LogPath, record: &Record<'_>) {
    path.append(record);
    path.spool.sync();
}

/// Of which one, in one of the last chunks, took 777 µs.
fn with_many_chunks() -> LogPath {
    let path = LogPath::with_segments_of(SEGMENT_BYTES);
    for second in 0..RECORDS {
        let decision = DecisionRecord {
            duration_us: Some(if second == RECORDS - 5 { 777 } else { 12 }),
            ..allowed(path.now() + seconds(second))
        };
        append(&path, &Record::Decision(decision));
    }
    assert!(crate::spool::segments(path.directory.path()).len() > 3);
    path
}

#[tokio::test]
async fn a_batch_is_stored_with_all_its_chunks_or_not_at_all() {
    let path = with_many_chunks();
    path.test_db
        .execute("alter table request_log add constraint no_777 check (duration_us <> 777)");
    let shipper = path.shipper();
    assert!(shipper.run_once().await.is_err());
    assert_eq!(path.rows(), 0);
    assert_eq!(path.number("select count(*) from usage_hourly"), 0);
    assert_eq!(path.number("select segment from spool_cursors"), 0);

    path.test_db
        .execute("alter table request_log drop constraint no_777");
    let step = shipper.run_once().await.unwrap();
    assert_eq!((step.records, step.more), (60, false));
    assert_eq!(path.rows(), RECORDS);
    assert_eq!(path.number(TRANSACTIONS), 1);
    assert_eq!(path.number("select requests from usage_daily"), RECORDS);
    let uses = "select requests from key_secrets where account_id = 1 and generation = 1";
    assert_eq!(path.number(uses), RECORDS);
    assert_eq!(crate::spool::segments(path.directory.path()).len(), 1);
}

#[tokio::test]
async fn a_completion_some_chunks_after_its_decision_completes_it() {
    let path = LogPath::with_segments_of(SEGMENT_BYTES);
    let decisions: Vec<_> = (0..RECORDS)
        .map(|second| waiting(path.now() + seconds(second)))
        .collect();
    for decision in &decisions {
        append(&path, &Record::Decision(decision.clone()));
    }
    for decision in &decisions {
        append(&path, &completion_of(decision, 502, 3));
    }
    path.shipper().run_once().await.unwrap();
    assert_eq!(path.number(TRANSACTIONS), 1);
    let completed = "select count(*) from request_log where status = 502 and credits = 3";
    assert_eq!(path.number(completed), RECORDS);
    let day = "select concat_ws(' ', requests, failed, credits) from usage_daily";
    assert_eq!(path.text(day), "60 60 180");
}

#[tokio::test]
async fn a_segment_that_cannot_be_read_does_not_hold_up_those_before_it() {
    let path = with_many_chunks();
    let segments = crate::spool::segments(path.directory.path());
    let broken = &segments[segments.len() - 2];
    let aside = path.directory.path().join("aside");
    std::fs::rename(broken, &aside).unwrap();
    std::fs::create_dir(broken).unwrap();
    let shipper = path.shipper();
    let step = shipper.run_once().await.unwrap();
    assert!(step.more && step.records > 0);
    assert_eq!(path.rows(), i64::try_from(step.records).unwrap());
    assert!(shipper.run_once().await.is_err());

    std::fs::remove_dir(broken).unwrap();
    std::fs::rename(&aside, broken).unwrap();
    shipper.drain().await.unwrap();
    assert_eq!(path.rows(), RECORDS);
    assert_eq!(path.number("select requests from usage_daily"), RECORDS);
}

/// As a new release's migration may: it has one table, which the next chunk needs, and waits for
/// another, which the batch has. The database sees no circle in that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_ends_early_when_somebody_who_waits_for_it_holds_up_its_next_chunk() {
    let path = LogPath::with_segments_of(SEGMENT_BYTES);
    let shipper = path.shipper();
    append(&path, &Record::Decision(allowed(path.now())));
    shipper.drain().await.unwrap();
    for second in 0..RECORDS {
        let decision = allowed(path.now() + seconds(second));
        append(&path, &Record::Decision(decision));
    }
    let unknown = DecisionRecord {
        path: "/v1/new".into(),
        ..allowed(path.now())
    };
    append(&path, &Record::Decision(unknown));

    let mut migration = path.test_db.connection();
    migration.begin_test_transaction().unwrap();
    diesel::sql_query("lock table log_texts in access exclusive mode")
        .execute(&mut migration)
        .unwrap();
    let migrating = std::thread::spawn(move || {
        let held = "select 1 from pg_locks where relation = 'request_log'::regclass
                       and mode = 'RowExclusiveLock'
                       and database = (select oid from pg_database where datname = current_database())";
        wait_for("the batch", || {
            diesel::sql_query(held)
                .execute(&mut path.test_db.connection())
                .unwrap()
                > 0
        });
        diesel::sql_query("lock table request_log in access exclusive mode")
            .execute(&mut migration)
            .unwrap();
        drop(migration);
        path
    });
    let step = tokio::time::timeout(Duration::from_mins(1), shipper.run_once());
    let step = step.await.unwrap().unwrap();
    assert!(step.more);
    let path = migrating.join().unwrap();
    shipper.drain().await.unwrap();
    assert_eq!(path.rows(), RECORDS + 2);
}

#[tokio::test]
async fn what_is_not_told_is_null_and_addresses_of_both_kinds_are_stored() {
    let path = LogPath::new();
    for ip in [None, Some("2001:db8::7"), Some("198.51.100.7")] {
        path.append(&Record::Decision(DecisionRecord {
            ip: ip.map(|ip| ip.parse().unwrap()),
            ..waiting(path.now())
        }));
    }
    path.shipper().drain().await.unwrap();
    let rows = "select string_agg(concat_ws(' ', coalesce(host(ip), 'none'), masklen(ip), status,
                                            duration_us), ', ' order by ip nulls first)
                  from request_log";
    assert_eq!(path.text(rows), "none, 198.51.100.7 32, 2001:db8::7 128");
}
