//! Ending a key: facts, question, the nodes' word.

use std::time::Duration;

use latchkey::db::nodes;
use latchkey::db::nodes::NodeRow;
use latchkey::domain::role::WorkspaceRole;
use tokio::time::Instant;
use uuid::Uuid;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::create;
use crate::dashboard::keys::names_who_may;
use crate::support::callers::send;

/// A node that has applied changes up to `applied_seq`.
fn node(house: &House, name: &str, applied_seq: i64) {
    let node = NodeRow {
        id: Uuid::new_v4(),
        name: name.to_owned(),
        version: "1".to_owned(),
        started_at: house.now(),
        applied_seq,
        lease_ms: 60_000,
    };
    nodes::register(&mut house.conn(), &node).unwrap();
}

#[tokio::test]
async fn a_quiet_key_is_revoked_by_one_press() {
    let house = House::new().await;
    node(&house, "one", i64::MAX);
    let key = create(&house.owner, "Blog ingest").await;
    let url = format!("{}/revoke", key.url());
    let page = house.owner.get(&url).await;
    assert_eq!(page.one("h1"), "Revoke Blog ingest");
    assert_eq!(
        page.texts(".impact p"),
        ["Never used.", "No requests in the last 24 hours."]
    );
    assert!(page.one("main").contains("at most 2 seconds"));
    assert!(!page.has("#confirm"));

    let answer = house.owner.fill_in(&page, &[("reason", "leaked")]).await;
    assert_eq!((answer.status, answer.location()), (303, KEYS));
    let list = house.owner.get(KEYS).await;
    let flash = list.one(".flash");
    let said = "Blog ingest is revoked. No node has accepted it since 09:41:00.000 (1 node, ";
    assert!(flash.starts_with(said), "{flash}");
    let ended = house.owner.get(&format!("{KEYS}?view=ended")).await;
    assert_eq!(ended.one("td[data-label=Status]"), "Revoked");
    let page = house.owner.get(&key.url()).await;
    assert!(
        page.one("main")
            .contains("owner@acme.example revoked the key (leaked)")
    );
}

#[tokio::test]
async fn a_busy_key_needs_its_last_four_letters() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.execute("update api_keys set last_used_at = '2026-11-21T09:37:00Z'");
    house.log(
        key.id,
        &[
            (240, "POST /v1/query", 200, "203.0.113.1"),
            (300, "POST /v1/query", 200, "203.0.113.2"),
            (360, "GET /v1/documents", 200, "203.0.113.1"),
        ],
    );
    let url = format!("{}/revoke", key.url());
    let page = house.owner.get(&url).await;
    assert_eq!(
        page.texts(".impact p"),
        [
            "Used 4 minutes ago from 2 addresses.",
            "3 requests in the last 24 hours, mostly POST /v1/query (curl).",
        ]
    );
    for wrong in [
        "",
        "xxxx",
        &key.last_four()
            .to_ascii_uppercase()
            .replace(key.last_four(), "no"),
    ] {
        let page = house
            .owner
            .submit(&url, &[("confirm", wrong), ("reason", "other")])
            .await;
        assert_eq!(page.status, 422, "{wrong}");
        assert!(page.has(".error-summary a[href='#confirm']"));
        assert!(page.has("option[value=other][selected]"));
    }
    let status = house.owner.get(KEYS).await.one("td[data-label=Status]");
    assert_eq!(status, "Active");
    let page = house
        .owner
        .submit(&url, &[("confirm", key.last_four())])
        .await;
    assert_eq!(page.status, 303);
}

#[tokio::test]
async fn an_unknown_reason_is_refused() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let url = format!("{}/revoke", key.url());
    let page = house.owner.submit(&url, &[("reason", "boredom")]).await;
    assert_eq!(page.status, 422);
    assert!(page.has(".error-summary a[href='#reason']"));
}

#[tokio::test]
async fn a_node_that_lives_and_lags_behind_is_named_after_its_lease() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    node(&house, "swift", i64::MAX);
    node(&house, "slow", 0);
    // Its heart goes on beating.
    house.execute(
        "update nodes set lease_ms = 1000, heartbeat_at = now() + interval '1 hour'
         where name = 'slow'",
    );
    let began = Instant::now();
    let page = house
        .owner
        .submit(&format!("{}/revoke", key.url()), &[])
        .await;
    assert_eq!(page.status, 303);
    assert!(
        began.elapsed() >= Duration::from_millis(1_300),
        "it was waited for longer than it can be silent"
    );
    let flash = house.owner.get(KEYS).await.one(".flash");
    assert!(flash.contains("still pending on node slow"), "{flash}");
    assert!(!flash.contains("is revoked"), "{flash}");
    assert!(!flash.contains("No node has accepted"), "{flash}");
}

#[tokio::test]
async fn a_node_that_falls_silent_is_waited_for_until_it_is_fenced_and_then_named() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    node(&house, "swift", i64::MAX);
    node(&house, "cut", 0);
    house.execute("update nodes set lease_ms = 1000 where name = 'cut'");
    let began = Instant::now();
    let page = house
        .owner
        .submit(&format!("{}/revoke", key.url()), &[])
        .await;
    assert_eq!(page.status, 303);
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(1_100), "{took:?}");
    let flash = house.owner.get(KEYS).await.one(".flash");
    assert!(flash.contains("No node has accepted it since"), "{flash}");
    assert!(
        flash.contains("Node cut hears nothing from the database and refuses every key"),
        "{flash}"
    );
}

#[tokio::test]
async fn a_node_that_catches_up_ends_the_waiting() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    node(&house, "one", 0);
    let mut conn = house.conn();
    let catch_up = tokio::task::spawn_blocking(move || {
        use diesel::connection::SimpleConnection;
        conn.batch_execute(
            "select pg_sleep(0.3);
             update nodes set applied_seq = (select max(seq) from key_changes)",
        )
    });
    let page = house
        .owner
        .submit(&format!("{}/revoke", key.url()), &[])
        .await;
    assert_eq!(page.status, 303);
    catch_up.await.unwrap().unwrap();
    let flash = house.owner.get(KEYS).await.one(".flash");
    assert!(flash.contains("No node has accepted it since"), "{flash}");
}

#[tokio::test]
async fn a_revoked_key_is_not_revoked_again() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let url = format!("{}/revoke", key.url());
    let form = house.owner.get(&url).await;
    assert_eq!(
        house
            .owner
            .fill_in(&form, &[("reason", "unused")])
            .await
            .status,
        303
    );
    for page in [
        house.owner.fill_in(&form, &[("reason", "leaked")]).await,
        house.owner.get(&url).await,
    ] {
        assert_eq!(page.status, 409);
        assert_eq!(page.one("h1"), "Blog ingest is already revoked");
        assert!(page.one("main").contains("by owner@acme.example"));
    }
    let page = house.owner.get(&key.url()).await;
    assert!(page.one(".notice").contains("(unused)"));
}

#[tokio::test]
async fn a_developer_ends_own_keys_only_and_a_viewer_none() {
    let house = House::new().await;
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    let others = create(&house.owner, "Owner's").await;
    let own = create(&developer, "Own").await;
    let csrf = |page: crate::support::html::Page| page.attribute("input[name=csrf]", "value");
    for (who, key) in [(&developer, &others), (&viewer, &others), (&viewer, &own)] {
        let url = format!("{}/revoke", key.url());
        assert_eq!(who.get(&url).await.status, 403);
        let token = csrf(who.get(KEYS).await);
        let page = who.post(&url, &[("csrf", token.as_str())]).await;
        assert_eq!(page.status, 403);
        assert!(names_who_may(&page));
    }
    let page = developer
        .submit(&format!("{}/revoke", own.url()), &[])
        .await;
    assert_eq!(page.status, 303);
    let list = house.owner.get(&format!("{KEYS}?view=all&sort=name")).await;
    assert_eq!(list.texts("td[data-label=Status]"), ["Revoked", "Active"]);
}

#[tokio::test]
async fn a_dialog_gets_the_question_alone() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let url = format!("{}/revoke", key.url());
    let page = send(
        house
            .owner
            .request("GET", &url)
            .header("x-fragment", "dialog"),
    )
    .await;
    assert!(
        page.text
            .trim_start()
            .starts_with("<div data-dialog-content=\"alert\"")
    );
    assert!(!page.has("header"));
    assert!(page.has("a[autofocus]"), "Cancel has the focus");
}
