use std::borrow::Cow;

use latchkey::domain::account::AccountId;
use latchkey::domain::decision::DenyReason;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;

use super::KEPT;
use super::LogPath;
use super::allowed;
use super::seconds;

#[tokio::test]
async fn what_a_refusal_missed_is_stored_beside_its_row_and_goes_with_it() {
    let path = LogPath::new();
    let refused = DecisionRecord {
        denied: Some(DenyReason::InsufficientScope),
        detail: "documents:write".into(),
        status: Some(403),
        ..allowed(path.now())
    };
    path.append(&Record::Decision(allowed(path.now())));
    path.append(&Record::Decision(refused));
    path.shipper().drain().await.unwrap();
    let told = "select value from request_details d join log_texts t on t.id = d.detail_id
        join request_log l on l.at = d.at and l.request_id = d.request_id and l.code = 21";
    assert_eq!(path.text(told), "documents:write");
    assert_eq!(path.number("select count(*) from request_details"), 1);
    path.clock.advance(std::time::Duration::from_hours(24 * 92));
    let retention = latchkey::workers::retention::Retention::new(
        path.test_db.db(),
        std::sync::Arc::new(path.clock.clone()),
        KEPT,
    );
    retention.run_once().await.unwrap();
    assert_eq!(path.number("select count(*) from request_details"), 0);
}

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
    let old = seconds(86_400) * (i32::from(KEPT.days()) + 1);
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
