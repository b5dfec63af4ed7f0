//! What keys use of what they may do.

use std::borrow::Cow;

use chrono::TimeDelta;
use latchkey::db::permission_uses;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::endpoint::Method;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;
use latchkey::workers::log_shipper::LogShipper;

use super::LogPath;
use super::allowed;

const FEW: &str = "select few_permissions from api_keys where account_id = 1";

async fn call(path: &LogPath, shipper: &LogShipper, method: Method, address: &'static str) {
    path.append(&Record::Decision(DecisionRecord {
        method: Some(method),
        path: Cow::Borrowed(address),
        ..allowed(path.now())
    }));
    shipper.drain().await.unwrap();
}

fn recount(path: &LogPath) -> usize {
    permission_uses::recount(&mut path.test_db.connection(), path.now()).unwrap()
}

#[tokio::test]
async fn the_few_permissions_that_a_key_used_are_known_until_they_are_many() {
    let path = LogPath::new();
    let shipper = path.shipper();
    assert_eq!(path.text(FEW), "{}");
    call(&path, &shipper, Method::Get, "/v1/documents").await;
    call(&path, &shipper, Method::Get, "/v1/documents/7").await;
    assert_eq!(path.text(FEW), "{documents:read}");
    // Refused calls used nothing.
    path.append(&Record::Decision(DecisionRecord {
        method: Some(Method::Delete),
        path: Cow::Borrowed("/v1/documents/7"),
        denied: Some(DenyReason::InsufficientScope),
        ..allowed(path.now())
    }));
    shipper.drain().await.unwrap();
    assert_eq!(path.text(FEW), "{documents:read}");
    call(&path, &shipper, Method::Post, "/v1/documents").await;
    call(&path, &shipper, Method::Delete, "/v1/documents/7").await;
    let three = "{documents:delete,documents:read,documents:write}";
    assert_eq!(path.text(FEW), three);
    call(&path, &shipper, Method::Get, "/v1/chats").await;
    assert_eq!(path.text(FEW), "{}", "four are not few");
    assert_eq!(path.number("select count(*) from permission_uses"), 4);
}

#[tokio::test]
async fn a_call_that_the_catalogue_does_not_know_needs_full_access() {
    let path = LogPath::new();
    let shipper = path.shipper();
    call(&path, &shipper, Method::Get, "/v1/documents").await;
    call(&path, &shipper, Method::Get, "/nobody/knows").await;
    assert_eq!(path.text(FEW), "{}");
}

#[tokio::test]
async fn what_left_the_last_thirty_days_counts_no_longer() {
    let path = LogPath::new();
    let shipper = path.shipper();
    call(&path, &shipper, Method::Get, "/nobody/knows").await;
    path.clock.advance(TimeDelta::days(29).to_std().unwrap());
    call(&path, &shipper, Method::Get, "/v1/documents").await;
    assert_eq!((recount(&path), path.text(FEW)), (0, "{}".to_owned()));
    path.clock.advance(TimeDelta::days(1).to_std().unwrap());
    assert_eq!(recount(&path), 1);
    assert_eq!(path.text(FEW), "{documents:read}");
    path.clock.advance(TimeDelta::days(30).to_std().unwrap());
    assert_eq!((recount(&path), path.text(FEW)), (1, "{}".to_owned()));
    assert_eq!(recount(&path), 0);
}

/// As after an upgrade: what it did before is in nobody's notes.
#[tokio::test]
async fn nothing_is_said_of_a_key_that_was_not_watched_from_its_first_use_on() {
    let path = LogPath::new();
    let shipper = path.shipper();
    let week_ago = "update api_keys set first_used_at = '2026-11-14' where account_id = 1";
    path.test_db.execute(week_ago);
    call(&path, &shipper, Method::Get, "/v1/documents").await;
    assert_eq!(path.text(FEW), "{}");
    path.clock.advance(TimeDelta::days(29).to_std().unwrap());
    call(&path, &shipper, Method::Get, "/v1/documents").await;
    assert_eq!(path.text(FEW), "{documents:read}");
}
