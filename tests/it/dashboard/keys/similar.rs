//! A new key with the settings of another.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NEW;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::edit::send_form;
use crate::dashboard::keys::submit;

#[tokio::test]
async fn a_similar_key_begins_with_every_setting_but_name_and_secret() {
    let house = House::new().await;
    let settings = [
        ("scope", "custom"),
        ("permission", "documents:read"),
        ("permission", "chats:read"),
        ("resources", "7"),
        ("expires", "1y"),
        ("note", "For-the-blog"),
        ("quota_daily", "1000"),
        ("allowed_ips", "203.0.113.9"),
        ("allowed_origins", "https://app.example.com"),
    ];
    let key = NewKey::of(&submit(&house.owner, &settings).await);
    let path = format!("{NEW}?like={}", key.id);
    let links = [
        (key.url(), format!("a[href='{path}'][data-dialog]")),
        (
            KEYS.to_owned(),
            format!("a[data-like='{NEW}?like='][data-dialog]"),
        ),
    ];
    for (page, link) in links {
        let page = house.owner.get(&page).await;
        assert!(page.has(&link), "{link}");
    }
    let page = house.owner.get(&path).await;
    assert_eq!(page.attribute("#name", "value"), "Blog ingest (copy)");
    assert!(page.one("main").contains("settings of “Blog ingest”"));
    assert_eq!(
        page.values("#permission input[checked]"),
        ["documents:read", "chats:read"]
    );
    assert!(page.has("#expires-1y[checked]"));
    // No workspace is named: it is this one.
    let made = send_form(&house.owner, &page, &[]).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (old, new) = (house.stored(&key), house.stored(&NewKey::of(&made)));
    assert_eq!(new.name, "Blog ingest (copy)");
    assert_eq!(
        (
            &new.grant,
            new.limits,
            &new.network,
            &new.note,
            &new.category
        ),
        (
            &old.grant,
            old.limits,
            &old.network,
            &old.note,
            &old.category
        )
    );
    assert_eq!(new.times.expires_at, old.times.expires_at);
    assert_ne!(new.last_four(), "");
}

#[tokio::test]
async fn an_ended_key_can_be_followed_by_a_similar_one() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house
        .owner
        .submit(&format!("{}/revoke", key.url()), &[("reason", "")])
        .await;
    let path = format!("{NEW}?like={}", key.id);
    let page = house.owner.get(&key.url()).await;
    assert!(page.has(&format!("a[href='{path}']")));
    assert!(house.owner.get(&path).await.has("#scope-full[checked]"));

    let viewer = house.member("v@acme.example", WorkspaceRole::Viewer).await;
    assert!(
        !viewer
            .get(&key.url())
            .await
            .has(&format!("a[href='{path}']"))
    );
    assert_eq!(viewer.get(&path).await.status, 403);
}

#[tokio::test]
async fn nothing_is_similar_to_a_key_that_is_not_there() {
    let house = House::new().await;
    for id in ["4fZk0QpL9aBc", "nonsense", "%00"] {
        let page = house.owner.get(&format!("{NEW}?like={id}")).await;
        assert_eq!(page.status, 404, "{id}");
    }
    assert_eq!(house.owner.get(&format!("{NEW}?like=")).await.status, 200);
}

#[tokio::test]
async fn a_copy_is_no_wider_than_its_maker_may_be() {
    let house = House::new().await;
    let settings = [
        ("scope", "custom"),
        ("permission", "documents:read"),
        ("permission", "chats:read"),
    ];
    let key = NewKey::of(&submit(&house.owner, &settings).await);
    house.offer_instead("developer = [\"*\"]", "developer = [\"chats:*\"]");
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let page = developer.get(&format!("{NEW}?like={}", key.id)).await;
    assert_eq!(page.values("#permission input[checked]"), ["chats:read"]);
}
