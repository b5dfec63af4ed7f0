use std::borrow::Cow;
use std::sync::Arc;

use diesel::Connection;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use latchkey::db::Db;
use latchkey::domain::account::AccountId;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::random::OsRandom;
use latchkey::spool::Spool;
use latchkey::spool::SpoolConfig;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;
use latchkey::workers::log_shipper::LogShipper;
use latchkey::workers::log_shipper::Shipped;
use tokio_util::sync::CancellationToken;

use super::LogPath;
use super::RETENTION_DAYS;
use super::allowed;
use super::completion_of;
use super::seconds;
use super::waiting;

#[tokio::test]
async fn a_decision_becomes_a_row_with_its_texts() {
    let path = LogPath::new();
    path.append(&Record::Decision(allowed(path.now())));
    assert_eq!(path.shipper().drain().await.unwrap(), 1);
    let row = path.text(
        "select concat_ws(' ', at at time zone 'UTC', r.account_id, workspace_id, p.value, a.value, n.value,
                credits, duration_us, status, code, method, surface, generation, key_id,
                length(request_id), ip)
           from request_log r join log_texts p on p.id = path_id
           join log_texts a on a.id = agent_id join log_texts n on n.id = name_id",
    );
    assert_eq!(
        row,
        "2026-11-21 10:00:00 1 1 /v1/documents curl/8.5.0 blog ingest \
         1 12 200 0 3 1 1 aaaaaaaaaaaa 20 203.0.113.9"
    );
}

#[tokio::test]
async fn a_denied_request_is_a_row_and_no_use_of_a_key_that_is_over() {
    let path = LogPath::new();
    for reason in [DenyReason::Revoked, DenyReason::CustomerMismatch] {
        path.append(&Record::Decision(DecisionRecord {
            denied: Some(reason),
            status: Some(reason.status()),
            generation: if reason == DenyReason::Revoked { 1 } else { 2 },
            ..allowed(path.now())
        }));
    }
    path.shipper().drain().await.unwrap();
    assert_eq!(path.rows(), 2);
    assert_eq!(path.number("select failed from usage_daily"), 2);
    let used =
        "select string_agg(generation || ':' || requests || ':' || (last_used_at is not null), ' '
                                  order by generation) from key_secrets where account_id = 1";
    assert_eq!(path.text(used), "1:0:false 2:1:true");
}

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
async fn a_completion_in_the_same_batch_completes_its_row() {
    let path = LogPath::new();
    let decision = waiting(path.now());
    let completion = completion_of(&decision, 502, 4);
    path.append(&Record::Decision(decision));
    path.append(&completion);
    path.shipper().drain().await.unwrap();
    assert_eq!(path.text(ROW), "502 1500 4");
    assert_eq!(path.text(DAY), "1 1 4");
}

const ROW: &str = "select concat_ws(' ', status, duration_us, credits) from request_log";
const DAY: &str = "select concat_ws(' ', requests, failed, credits) from usage_daily";

#[tokio::test]
async fn a_completion_in_a_later_batch_completes_its_row_and_the_rollups() {
    let path = LogPath::new();
    let shipper = path.shipper();
    let decision = waiting(path.now());
    let completion = completion_of(&decision, 500, 3);
    path.append(&Record::Decision(decision));
    shipper.drain().await.unwrap();
    assert_eq!(path.text(ROW), "1");
    assert_eq!(path.text(DAY), "1 0 1");

    path.append(&completion);
    shipper.drain().await.unwrap();
    assert_eq!(path.text(ROW), "500 1500 3");
    assert_eq!(path.text(DAY), "1 1 3");

    // Twice is once.
    path.append(&completion);
    shipper.drain().await.unwrap();
    assert_eq!(path.text(DAY), "1 1 3");
    let workspace = "select concat_ws(' ', requests, failed, credits) from workspace_usage_daily";
    assert_eq!(path.text(workspace), "1 1 3");
}

#[tokio::test]
async fn a_completion_without_a_row_is_passed_over() {
    let path = LogPath::new();
    path.append(&completion_of(&waiting(path.now()), 200, 1));
    path.shipper().drain().await.unwrap();
    assert_eq!(path.rows(), 0);
    assert_eq!(path.number("select count(*) from usage_daily"), 0);
}

#[tokio::test]
async fn records_of_deleted_keys_and_unknown_accounts_do_not_stop_the_others() {
    let path = LogPath::new();
    path.append(&Record::Decision(DecisionRecord {
        key: "zzzzzzzzzzzz".parse().unwrap(),
        ..allowed(path.now())
    }));
    path.append(&Record::Decision(DecisionRecord {
        account: AccountId(99),
        ..allowed(path.now())
    }));
    path.append(&Record::Decision(allowed(path.now())));
    assert_eq!(path.shipper().drain().await.unwrap(), 3);
    assert_eq!(path.rows(), 3);
}

#[tokio::test]
async fn hostile_texts_are_stored_and_stop_nothing() {
    let path = LogPath::new();
    for text in [
        "",
        "/\0",
        "/\u{1f600}'; drop table request_log; --",
        "/{a,\"b\\\",NULL}",
    ] {
        path.append(&Record::Decision(DecisionRecord {
            path: Cow::Borrowed(text),
            agent: Cow::Borrowed(text),
            ..allowed(path.now())
        }));
    }
    path.append(&Record::Decision(DecisionRecord {
        path: Cow::Owned("/€".repeat(5_000)),
        ..allowed(path.now())
    }));
    assert_eq!(path.shipper().drain().await.unwrap(), 5);
    assert_eq!(path.rows(), 5);
}

#[tokio::test]
async fn records_older_than_the_log_is_kept_are_dropped() {
    let path = LogPath::new();
    let old = seconds(86_400) * (i32::from(RETENTION_DAYS) + 1);
    path.append(&Record::Decision(allowed(path.now() - old)));
    path.append(&Record::Decision(allowed(path.now())));
    assert_eq!(path.shipper().drain().await.unwrap(), 1);
    assert_eq!(path.rows(), 1);
}

#[tokio::test]
async fn a_partition_is_made_for_every_day_of_a_batch() {
    let path = LogPath::new();
    for days in [0, 40, -3] {
        path.append(&Record::Decision(allowed(
            path.now() - seconds(86_400) * days,
        )));
    }
    path.shipper().drain().await.unwrap();
    let partitions = "select string_agg(relname, ' ' order by relname)
                        from pg_inherits join pg_class on oid = inhrelid
                       where inhparent = 'request_log'::regclass";
    assert_eq!(
        path.text(partitions),
        "request_log_20261012 request_log_20261121 request_log_20261124"
    );
}

#[tokio::test]
async fn texts_are_stored_once_and_noted_again_on_the_next_day() {
    let path = LogPath::new();
    let shipper = path.shipper();
    for _ in 0..3 {
        path.append(&Record::Decision(allowed(path.now())));
        shipper.drain().await.unwrap();
    }
    assert_eq!(path.number("select count(*) from log_texts"), 3);
    let seen = "select string_agg(distinct seen_on::text, ' ') from log_texts";
    assert_eq!(path.text(seen), "2026-11-21");

    path.clock.advance(std::time::Duration::from_hours(24));
    path.append(&Record::Decision(allowed(path.now())));
    shipper.drain().await.unwrap();
    assert_eq!(path.number("select count(*) from log_texts"), 3);
    assert_eq!(path.text(seen), "2026-11-22");
}

#[tokio::test]
async fn last_use_never_goes_back() {
    let path = LogPath::new();
    let shipper = path.shipper();
    let used = "select concat_ws(' ', first_used_at at time zone 'UTC', last_used_at at time zone 'UTC', last_used_ip)
                  from api_keys where account_id = 1";
    path.append(&Record::Decision(allowed(path.now())));
    shipper.drain().await.unwrap();
    let later = "2026-11-21 10:00:00 2026-11-21 10:00:00 203.0.113.9";
    assert_eq!(path.text(used), later);

    // Another node ships what it decided earlier.
    path.append(&Record::Decision(DecisionRecord {
        ip: Some("198.51.100.7".parse().unwrap()),
        ..allowed(path.now() - seconds(60))
    }));
    shipper.drain().await.unwrap();
    assert_eq!(
        path.text(used),
        "2026-11-21 09:59:00 2026-11-21 10:00:00 203.0.113.9"
    );
    path.append(&Record::Decision(DecisionRecord {
        ip: None,
        ..allowed(path.now() + seconds(5))
    }));
    shipper.drain().await.unwrap();
    assert_eq!(path.text(used), "2026-11-21 09:59:00 2026-11-21 10:00:05");
}

#[tokio::test]
async fn use_of_a_key_is_no_news_for_the_mirrors() {
    let path = LogPath::new();
    let news = "select count(*) from key_changes";
    let before = path.number(news);
    path.append(&Record::Decision(allowed(path.now())));
    path.shipper().drain().await.unwrap();
    assert_eq!(path.number(news), before);
}

#[tokio::test]
async fn without_postgres_nothing_is_lost() {
    let path = LogPath::new();
    path.append(&Record::Decision(allowed(path.now())));
    path.spool.sync();
    let nowhere = Db::new("postgres://nobody@/nothing?host=/nonexistent", 1);
    let clock = Arc::new(path.clock.clone());
    let shipper = LogShipper::new(nowhere, path.spool.clone(), clock, RETENTION_DAYS);
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
