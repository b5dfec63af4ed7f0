//! Disabling a key and enabling it again: one press each, and nothing is lost.

use latchkey::db::nodes;
use latchkey::db::nodes::NodeRow;
use latchkey::domain::role::WorkspaceRole;
use uuid::Uuid;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::create;
use crate::dashboard::keys::names_who_may;
use crate::support::callers::Caller;
use crate::support::html::Page;

fn running_node(house: &House) {
    let node = NodeRow {
        id: Uuid::new_v4(),
        name: "one".to_owned(),
        version: "1".to_owned(),
        started_at: house.now(),
        applied_seq: i64::MAX,
        lease_ms: 60_000,
    };
    nodes::register(&mut house.conn(), &node).unwrap();
}

/// Sends the form of a button that stands on several pages.
async fn press(caller: &Caller, url: &str) -> Page {
    let page = caller.get(KEYS).await;
    let csrf = page.attribute("input[name=csrf]", "value");
    caller.post(url, &[("csrf", &csrf)]).await
}

#[tokio::test]
async fn a_key_is_disabled_and_enabled_again() {
    let house = House::new().await;
    running_node(&house);
    let key = create(&house.owner, "Blog ingest").await;
    let page = house.owner.get(&format!("{}/disable", key.url())).await;
    assert_eq!(page.one("h1"), "Disable Blog ingest");
    assert!(page.one("main").contains("you can enable it again"));
    // What can be undone needs no way out first.
    assert!(page.has("form button[autofocus]"));

    let answer = house.owner.fill_in(&page, &[]).await;
    assert_eq!((answer.status, answer.location()), (303, &*key.url()));
    let page = house.owner.get(&key.url()).await;
    let said = "Blog ingest is disabled. No node has accepted it since";
    assert!(page.one(".flash").starts_with(said));
    assert!(page.one(".notice").starts_with("Disabled "));
    assert!(
        page.one("main")
            .contains("owner@acme.example disabled the key")
    );
    let list = house.owner.get(&format!("{KEYS}?view=disabled")).await;
    assert_eq!(list.one("td[data-label=Status]"), "Disabled");
    let url = format!("{}/enable", key.url());
    assert!(
        list.has("td[data-row-menu=off]") && list.has("form[data-below='/enable'][data-for=off]")
    );

    let answer = press(&house.owner, &url).await;
    assert_eq!((answer.status, answer.location()), (303, &*key.url()));
    let page = house.owner.get(&key.url()).await;
    let said = "Blog ingest is enabled. Every node has accepted it since";
    assert!(page.one(".flash").starts_with(said));
    assert_eq!(page.one("h1 .badge"), "Active");
}

#[tokio::test]
async fn whoever_is_slower_sees_the_state_and_changes_nothing() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let (disable, enable) = (
        format!("{}/disable", key.url()),
        format!("{}/enable", key.url()),
    );
    let page = press(&house.owner, &enable).await;
    assert_eq!(page.status, 409);
    assert_eq!(page.one("h1"), "Blog ingest is already enabled");
    press(&house.owner, &disable).await;
    let page = press(&house.owner, &disable).await;
    assert_eq!(page.status, 409);
    assert_eq!(page.one("h1"), "Blog ingest is already disabled");
    press(&house.owner, &format!("{}/revoke", key.url())).await;
    for url in [&disable, &enable] {
        let page = press(&house.owner, url).await;
        assert_eq!(page.status, 409);
        assert_eq!(page.one("h1"), "Blog ingest is already revoked");
    }
}

#[tokio::test]
async fn developers_switch_their_own_keys_and_viewers_none() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    for (email, role) in [
        ("dev@acme.example", WorkspaceRole::Developer),
        ("viewer@acme.example", WorkspaceRole::Viewer),
    ] {
        let member = house.member(email, role).await;
        for action in ["disable", "enable"] {
            let url = format!("{}/{action}", key.url());
            let page = press(&member, &url).await;
            assert_eq!(page.status, 403, "{email} {action}");
            assert!(names_who_may(&page));
        }
        let page = member.get(&key.url()).await;
        assert!(!page.has("a[href$='/disable']"));
    }
}
