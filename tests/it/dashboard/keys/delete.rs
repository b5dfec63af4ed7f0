//! Deleting what was never used, and keeping what was.

use latchkey::db::nodes;
use latchkey::db::nodes::NodeRow;
use latchkey::domain::role::WorkspaceRole;
use uuid::Uuid;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::rotate::stored;

fn delete_url(key: &NewKey) -> String {
    format!("{}/delete", key.url())
}

#[tokio::test]
async fn a_key_never_used_is_deleted_by_one_press_and_its_name_is_free() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let page = house.owner.get(&key.url()).await;
    let link = format!("a[href='{}'][data-dialog]", delete_url(&key));
    assert!(page.has(&link));
    let page = house.owner.get(&delete_url(&key)).await;
    assert_eq!(
        (page.status, page.one("h1")),
        (200, "Delete Blog ingest".into())
    );
    assert!(page.has("a[autofocus][data-dialog-close]"));
    let answer = house.owner.fill_in(&page, &[]).await;
    assert_eq!((answer.status, answer.location()), (303, KEYS));
    let list = house.owner.get(&format!("{KEYS}?view=all")).await;
    let said = "Blog ingest is deleted. No node has accepted it since 09:41:00.000";
    assert!(list.one(".flash").starts_with(said));
    assert!(!list.has("tbody th[scope=row]"));
    assert_eq!(house.owner.get(&key.url()).await.status, 404);
    assert_eq!(house.owner.get(&delete_url(&key)).await.status, 404);
    house.execute(
        "do $$ begin
            assert (select array_agg(action order by id) from audit_log
                    where target_kind = 'key')
                 = array['key.created', 'key.disabled', 'key.deleted'];
            assert not exists (select from key_secrets);
         end $$",
    );
    create(&house.owner, "Blog ingest").await;
}

#[tokio::test]
async fn a_used_key_is_kept_and_the_page_offers_what_else_there_is() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let form = house.owner.get(&delete_url(&key)).await;
    house.execute("update api_keys set last_used_at = '2026-11-21T09:37:00Z'");
    let page = house.owner.get(&key.url()).await;
    assert!(!page.has("a[href$='/delete']"));
    let posted = house.owner.fill_in(&form, &[]).await;
    assert_eq!(posted.status, 409);
    let kept = posted.one("[data-kept]");
    assert!(kept.contains("has been called meanwhile"), "{kept}");
    for page in [posted, house.owner.get(&delete_url(&key)).await] {
        assert_eq!(page.one("h1"), "Blog ingest is kept");
        assert!(page.one("main").contains("last 4 minutes ago"));
        assert!(page.has("main a[href$='/disable']") && page.has("main a[href$='/revoke']"));
        assert!(!page.has("main form[action$='/delete']"));
    }
    let list = house.owner.get(KEYS).await;
    assert_eq!(list.one("td[data-label=Status]"), "Active");
    assert_eq!(stored(&house, &key).version, 1);
}

#[tokio::test]
async fn a_refused_call_is_a_call_too() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let form = house.owner.get(&delete_url(&key)).await;
    house.log(key.id, &[(2, "GET /v1/documents", 401, "203.0.113.1")]);
    assert_eq!(house.owner.fill_in(&form, &[]).await.status, 409);
    assert_eq!(house.owner.get(&key.url()).await.status, 200);
}

#[tokio::test]
async fn with_a_silent_node_that_may_know_of_a_call_the_key_stays_as_it_was() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let silent = NodeRow {
        id: Uuid::new_v4(),
        name: "cut".to_owned(),
        version: "1".to_owned(),
        started_at: house.now(),
        applied_seq: i64::MAX,
        lease_ms: 1_000,
    };
    nodes::register(&mut house.conn(), &silent).unwrap();
    house.execute("update nodes set heartbeat_at = now() - interval '5 seconds'");
    house.execute("update api_keys set created_at = now() - interval '1 minute'");
    let form = house.owner.get(&delete_url(&key)).await;
    let page = house.owner.fill_in(&form, &[]).await;
    assert_eq!(page.status, 409);
    assert_eq!(page.one("h1"), "Blog ingest was not deleted");
    assert!(page.one("[data-kept]").contains("cut has not delivered"));
    assert!(
        page.has("main form[action$='/delete']"),
        "it can be tried again"
    );
    let shown = house.owner.get(&key.url()).await;
    assert_eq!(shown.one("h1 .badge"), "Active");
    assert!(shown.text.contains("enabled the key (not deleted)"));

    // It fell silent before the key was there, so it cannot have let it in.
    house.execute("update nodes set heartbeat_at = now() - interval '1 hour'");
    let form = house.owner.get(&delete_url(&key)).await;
    assert_eq!(house.owner.fill_in(&form, &[]).await.status, 303);
}

#[tokio::test]
async fn a_disabled_key_that_is_kept_stays_disabled() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.execute("update api_keys set disabled_at = '2026-11-21T09:40:00Z'");
    let form = house.owner.get(&delete_url(&key)).await;
    house.execute("update key_secrets set requests = 1");
    assert_eq!(house.owner.fill_in(&form, &[]).await.status, 409);
    assert!(stored(&house, &key).times.disabled_at.is_some());
    house.execute("update key_secrets set requests = 0");
    assert_eq!(house.owner.fill_in(&form, &[]).await.status, 303);
}

#[tokio::test]
async fn developers_delete_their_own_keys_and_viewers_none() {
    let house = House::new().await;
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    let others = create(&house.owner, "Owner's").await;
    let own = create(&developer, "Own").await;
    for (who, key) in [(&developer, &others), (&viewer, &others), (&viewer, &own)] {
        assert_eq!(who.get(&delete_url(key)).await.status, 403);
        let csrf = who.get(KEYS).await.attribute("input[name=csrf]", "value");
        let page = who.post(&delete_url(key), &[("csrf", &csrf)]).await;
        assert_eq!(page.status, 403);
    }
    let form = developer.get(&delete_url(&own)).await;
    assert_eq!(developer.fill_in(&form, &[]).await.status, 303);
}
