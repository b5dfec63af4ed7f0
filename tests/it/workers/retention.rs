use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use diesel::Connection;
use diesel::RunQueryDsl;
use latchkey::domain::log_retention::KeptDays;
use latchkey::spool::record::Record;
use latchkey::workers::retention::Retention;

use super::LogPath;
use super::allowed;

const DAYS: &str = "select string_agg(right(relname, 8), ' ' order by relname)
                      from pg_inherits join pg_class on oid = inhrelid
                     where inhparent = 'request_log'::regclass";

fn retention(path: &LogPath, days: u16) -> Retention {
    let kept = KeptDays::of_installation(days);
    Retention::new(path.test_db.db(), Arc::new(path.clock.clone()), kept)
}

#[tokio::test]
async fn partitions_are_made_a_week_ahead() {
    let path = LogPath::new();
    retention(&path, 90).run_once().await.unwrap();
    retention(&path, 90).run_once().await.unwrap();
    assert_eq!(
        path.text(DAYS),
        "20261121 20261122 20261123 20261124 20261125 20261126 20261127 20261128"
    );
}

#[tokio::test]
async fn nodes_that_make_partitions_at_once_do_not_quarrel() {
    let path = LogPath::new();
    let (one, other) = (retention(&path, 90), retention(&path, 90));
    let (one, other) = tokio::join!(one.run_once(), other.run_once());
    one.unwrap();
    other.unwrap();
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_goes_and_the_rest_stays() {
    let path = LogPath::new();
    let shipper = path.shipper();
    path.append(&Record::Decision(allowed(path.now())));
    shipper.drain().await.unwrap();
    path.test_db.execute(
        "insert into failed_attempts values
             ('2026-11-21 09:00Z', '203.0.113.9', 3), ('2026-11-24 09:00Z', '203.0.113.9', 4)",
    );
    path.clock.advance(Duration::from_hours(24 * 3));
    path.append(&Record::Decision(allowed(path.now())));
    shipper.drain().await.unwrap();
    path.test_db
        .execute("insert into log_texts (kind, value, seen_on) values (1, '/old', '2026-11-21')");

    let removed = retention(&path, 2).run_once().await.unwrap();
    assert_eq!(
        removed.partitions,
        [NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()]
    );
    assert_eq!(path.rows(), 1);
    assert_eq!(path.number("select sum(attempts) from failed_attempts"), 4);
    assert_eq!(path.number("select count(*) from log_texts"), 3);
    // Charts show more days than the log.
    assert_eq!(path.number("select sum(requests) from usage_daily"), 2);
}

#[tokio::test]
async fn rollups_go_after_four_hundred_days() {
    let path = LogPath::new();
    path.append(&Record::Decision(allowed(path.now())));
    path.shipper().drain().await.unwrap();
    path.clock.advance(Duration::from_hours(24 * 401));
    retention(&path, 90).run_once().await.unwrap();
    assert_eq!(
        path.number(
            "select (select count(*) from usage_hourly) + (select count(*) from usage_daily)
                          + (select count(*) from workspace_usage_daily)"
        ),
        0
    );
}

#[tokio::test]
async fn old_news_goes_but_the_last_of_it_stays() {
    let path = LogPath::new();
    path.test_db
        .execute("update key_changes set at = '2026-11-19Z'");
    let last = path.number("select max(seq) from key_changes");
    retention(&path, 90).run_once().await.unwrap();
    assert_eq!(path.number("select count(*) from key_changes"), 1);
    assert_eq!(path.number("select max(seq) from key_changes"), last);
}

#[tokio::test]
async fn a_partition_that_is_read_stays_until_the_next_round() {
    let path = LogPath::new();
    path.append(&Record::Decision(allowed(path.now())));
    path.shipper().drain().await.unwrap();
    path.clock.advance(Duration::from_hours(24 * 3));
    let mut reader = path.test_db.connection();
    reader.begin_test_transaction().unwrap();
    diesel::sql_query("select count(*) from request_log")
        .execute(&mut reader)
        .unwrap();
    let texts = "select count(*) from log_texts";
    assert!(
        retention(&path, 2)
            .run_once()
            .await
            .unwrap()
            .partitions
            .is_empty()
    );
    assert_eq!(path.number(texts), 3, "its rows still need them");
    drop(reader);
    assert_eq!(
        retention(&path, 2)
            .run_once()
            .await
            .unwrap()
            .partitions
            .len(),
        1
    );
    assert_eq!(path.number(texts), 0);
}

#[tokio::test]
async fn what_opens_nothing_any_more_is_forgotten() {
    let path = LogPath::new();
    path.test_db.execute(
        "insert into users (id, email, email_folded, name, created_at)
             values (gen_random_uuid(), 'a@b.example', 'a@b.example', 'A', now());
         insert into sessions (id_digest, user_id, state, created_at, last_seen_at)
             select digest, id, '{}', at, at from users, (values
                 ('\\x01'::bytea, timestamptz '2000-01-01'), ('\\x02', '2100-01-01')) as s (digest, at) where email = 'a@b.example';
         insert into one_time_links (token_digest, purpose, created_at, expires_at)
             values ('\\x01', 'setup', '2000-01-01', '2000-01-02'),
                    ('\\x02', 'setup', '2100-01-01', '2100-01-02');
         insert into sign_in_failures (scope, subject, failures, first_failed_at, last_failed_at)
             values ('email', 'old', 1, '2000-01-01', '2000-01-01'),
                    ('email', 'new', 1, '2100-01-01', '2100-01-01')",
    );
    let removed = retention(&path, 90).run_once().await.unwrap();
    assert_eq!(removed.rows, 3);
    for table in ["sessions", "one_time_links", "sign_in_failures"] {
        assert_eq!(
            path.number(&format!("select count(*) from {table}")),
            1,
            "{table}"
        );
    }
}
