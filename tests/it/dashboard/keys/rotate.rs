//! A new secret for an old key: how long the old one goes on, shown once, told everywhere.

use chrono::TimeDelta;
use latchkey::db::api_keys;
use latchkey::db::nodes;
use latchkey::db::nodes::NodeRow;
use latchkey::domain::api_key::ApiKey;
use uuid::Uuid;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::support::callers::Caller;
use crate::support::callers::Fields;
use crate::support::callers::send;
use crate::support::html::Page;
use crate::support::rows::every_row;

pub fn node(house: &House, applied_seq: i64) {
    let node = NodeRow {
        id: Uuid::new_v4(),
        name: "one".to_owned(),
        version: "1".to_owned(),
        started_at: house.now(),
        applied_seq,
        lease_ms: 60_000,
    };
    nodes::register(&mut house.conn(), &node).unwrap();
}

/// Sends the rotate form as it is offered, but for `changes`.
pub async fn rotate(caller: &Caller, key: &NewKey, changes: Fields<'_>) -> Page {
    let page = caller.get(&format!("{}/rotate", key.url())).await;
    assert_eq!(page.status, 200, "{}", page.text);
    send_form(caller, &page, changes).await
}

pub async fn send_form(caller: &Caller, page: &Page, changes: Fields<'_>) -> Page {
    let hidden = |name: &str| page.attribute(&format!("main form input[name={name}]"), "value");
    let (operation, version) = (hidden("operation"), hidden("version"));
    let mut fields = vec![
        ("overlap", "24h"),
        ("operation", operation.as_str()),
        ("version", version.as_str()),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    caller.fill_in(page, &fields).await
}

pub fn stored(house: &House, key: &NewKey) -> ApiKey {
    let (account, workspace) = (house.acme.account, house.acme.workspace);
    api_keys::find(&mut house.conn(), account, workspace, key.id).unwrap()
}

/// The last four letters of the secrets that work.
fn working(house: &House, key: &NewKey) -> Vec<String> {
    let secrets = stored(house, key).secrets.into_iter();
    secrets
        .filter(|secret| secret.works(house.now()))
        .map(|secret| secret.last_four)
        .collect()
}

#[tokio::test]
async fn the_form_tells_what_the_key_does_and_when_each_choice_ends() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.execute("update api_keys set last_used_at = '2026-11-21T09:37:00Z'");
    house.log(key.id, &[(240, "POST /v1/query", 200, "203.0.113.1")]);
    let page = house.owner.get(&format!("{}/rotate", key.url())).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.one("h1"), "Rotate Blog ingest");
    assert_eq!(
        page.texts(".impact p"),
        [
            "Used 4 minutes ago from 1 address.",
            "1 request in the last 24 hours, mostly POST /v1/query (curl).",
        ]
    );
    let chosen = "input[name=overlap][checked]";
    assert_eq!(page.attribute(chosen, "value"), "24h");
    for (choice, ends) in [
        ("now", "As soon as every node confirms"),
        ("15m", "21 Nov 2026, 09:56"),
        ("1h", "21 Nov 2026, 10:41"),
        ("24h", "22 Nov 2026, 09:41"),
        ("7d", "28 Nov 2026, 09:41"),
    ] {
        let hint = page.texts(&format!("#overlap-{choice} ~ .field-hint"));
        assert_eq!(hint, [ends], "{choice}");
    }
    assert!(page.has("#overlap-on") && page.has("#overlap_on"));
    assert!(!page.has("#drop"), "nothing to choose with one secret");
    let shown = house.owner.get(&key.url()).await;
    assert!(shown.has(&format!("a[href='{}/rotate'][data-dialog]", key.url())));
    let list = house.owner.get(KEYS).await;
    assert!(list.has("td[data-row-menu=on]") && list.has("a[data-below='/rotate'][data-dialog]"));
}

#[tokio::test]
async fn a_key_gets_a_new_secret_and_stays_what_it_is() {
    let house = House::new().await;
    node(&house, i64::MAX);
    let key = create(&house.owner, "Blog ingest").await;
    let page = rotate(&house.owner, &key, &[]).await;
    assert_eq!(page.status, 201, "{}", page.text);
    assert_eq!(page.header("cache-control"), "no-store, private");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let new = NewKey::of(&page);
    assert_eq!(new.id, key.id);
    assert_ne!(new.secret, key.secret);
    let told = page.one("[data-told]");
    assert!(told.starts_with("The old secret works until 22 Nov 2026, 09:41."));
    let poll = page.attribute("[data-first-request]", "data-first-request");
    assert_eq!(poll, format!("{}/first-request?secret=2", key.url()));
    assert_eq!(house.owner.get(&poll).await.status, 204);

    assert_eq!(working(&house, &key), [key.last_four(), new.last_four()]);
    let stored = stored(&house, &key);
    assert_eq!((stored.name.as_str(), stored.version), ("Blog ingest", 2));
    assert_eq!(stored.created_at, house.now());
    let shown = house.owner.get(&key.url()).await;
    assert_eq!(shown.one("h1 .badge"), "Rotating");
    assert!(shown.text.contains("owner@acme.example rotated the key"));
    for secret in [&key.secret, &new.secret] {
        let tail = &secret[secret.len() - 38..];
        assert!(!shown.text.contains(tail));
        assert!(!every_row(&mut house.conn()).contains(tail));
    }
    house.execute("update key_secrets set last_used_at = '2026-11-21T09:40:48Z'");
    let used = house.owner.get(&poll).await;
    assert_eq!(used.text, "The new secret was used 12 seconds ago.");
}

#[tokio::test]
async fn with_no_overlap_the_old_secret_is_over_before_the_page_says_so() {
    let house = House::new().await;
    node(&house, i64::MAX);
    let key = create(&house.owner, "Blog ingest").await;
    let page = rotate(&house.owner, &key, &[("overlap", "now")]).await;
    assert_eq!(page.status, 201);
    let told = page.one("[data-told]");
    let said = "The old secret of Blog ingest is ended. No node has accepted it since 09:41:00.000";
    assert!(told.starts_with(said), "{told}");
    assert_eq!(working(&house, &key), [NewKey::of(&page).last_four()]);
    let shown = house.owner.get(&key.url()).await;
    assert_eq!(shown.one("h1 .badge"), "Active");
}

#[tokio::test]
async fn a_node_that_lags_behind_is_named_and_the_new_secret_still_shown() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    node(&house, 0);
    house.execute("update nodes set lease_ms = 50, heartbeat_at = now() + interval '1 hour'");
    let page = rotate(&house.owner, &key, &[("overlap", "now")]).await;
    assert_eq!(page.status, 201);
    assert!(NewKey::of(&page).secret.starts_with("lk_"));
    let told = page.one("[data-told].flash-warning");
    assert!(told.contains("still pending on node one"), "{told}");
    assert!(!told.contains("No node has accepted"), "{told}");
}

#[tokio::test]
async fn a_form_sent_twice_rotates_once_and_shows_its_secret_once() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let form = house.owner.get(&format!("{}/rotate", key.url())).await;
    let first = send_form(&house.owner, &form, &[]).await;
    assert_eq!(first.status, 201);
    let again = send_form(&house.owner, &form, &[]).await;
    assert_eq!((again.status, again.location()), (303, &*key.url()));
    let page = house.owner.get(again.location()).await;
    let said = "This key was rotated already. Its secret was shown once.";
    assert_eq!(page.one(".flash"), said);
    assert_eq!(stored(&house, &key).secrets.len(), 2);

    // Somebody else's form is no way in.
    let other = create(&house.owner, "Other").await;
    let used = form.attribute("input[name=operation]", "value");
    let page = rotate(&house.owner, &other, &[("operation", &used)]).await;
    assert_eq!(page.status, 422);
    assert!(page.one(".error-summary").contains("was used before"));
    assert_eq!(stored(&house, &other).secrets.len(), 1);
}

#[tokio::test]
async fn two_clicks_at_once_rotate_once() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let form = house.owner.get(&format!("{}/rotate", key.url())).await;
    let (one, other) = tokio::join!(
        send_form(&house.owner, &form, &[]),
        send_form(&house.owner, &form, &[])
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 303]);
}

#[tokio::test]
async fn during_an_overlap_it_is_asked_which_secret_ends() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let second = NewKey::of(&rotate(&house.owner, &key, &[]).await);
    let page = rotate(&house.owner, &key, &[]).await;
    assert_eq!(page.status, 422);
    assert!(page.has(".error-summary a[href='#drop']"));
    assert!(page.one("#drop").contains(key.last_four()));

    // The second was lost: the first, which is in use, goes on.
    let changes = [("drop", "current"), ("overlap", "1h")];
    let third = NewKey::of(&rotate(&house.owner, &key, &changes).await);
    assert_eq!(working(&house, &key), [key.last_four(), third.last_four()]);
    let ends = stored(&house, &key).times.retires_at.unwrap();
    assert_eq!(ends, house.now() + TimeDelta::hours(1));

    let fourth = NewKey::of(&rotate(&house.owner, &key, &[("drop", "old")]).await);
    assert_eq!(
        working(&house, &key),
        [third.last_four(), fourth.last_four()]
    );
    // With none to go on, nothing is asked.
    let fifth = NewKey::of(&rotate(&house.owner, &key, &[("overlap", "now")]).await);
    assert_eq!(working(&house, &key), [fifth.last_four()]);
    assert!(!second.secret.is_empty());
}

#[tokio::test]
async fn a_dialog_gets_the_form_alone() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let url = format!("{}/rotate", key.url());
    let request = house.owner.request("GET", &url);
    let page = send(request.header("x-fragment", "dialog")).await;
    assert!(
        page.text
            .trim_start()
            .starts_with("<div data-dialog-content")
    );
    assert!(page.has("form button[autofocus]") && !page.has("header"));
}
