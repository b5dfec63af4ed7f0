//! Making a key, and seeing its secret once.

use latchkey::crypto::digest::Pepper;
use latchkey::db::api_keys;
use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NEW;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::submit;
use crate::support::callers::send;
use crate::support::rows::every_row;

#[tokio::test]
async fn the_form_offers_what_fits_most_keys() {
    let house = House::new().await;
    let page = house.owner.get(NEW).await;
    assert_eq!(page.status, 200);
    let checked = "main form input[type=radio][checked]";
    assert_eq!(page.attribute(checked, "value"), "default");
    assert!(
        !page.has("input[name=scope][checked]"),
        "no scope is offered first"
    );
    assert!(page.has("#scope-full") && page.has("#scope-inherit"));
    assert_eq!(
        page.attribute("input[name=expires][checked]", "value"),
        "90d"
    );
    assert_eq!(page.texts("#expires-90d ~ .field-hint"), ["19 Feb 2027"]);
    assert_eq!(
        page.texts("#expires-1h ~ .field-hint"),
        ["21 Nov 2026, 10:41"]
    );
    assert_eq!(page.texts("input[name=expires]").len(), 8);
}

#[tokio::test]
async fn a_new_key_is_shown_whole_in_the_answer_that_makes_it() {
    let house = House::new().await;
    let page = submit(&house.owner, &[("name", "Blog ingest")]).await;
    assert_eq!(page.status, 201);
    assert_eq!(page.header("cache-control"), "no-store, private");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.one("h1"), "Copy your new key");
    let key = NewKey::of(&page);
    assert!(key.secret.starts_with("lk_") && key.secret.len() == 54);
    assert!(
        !page.has("input[value*=lk_]"),
        "the secret is text, no field"
    );
    assert_eq!(page.attribute("[data-reveal]", "data-reveal"), key.url());
    let snippets = page.texts(".snippet code").join(" ");
    for part in [
        "LATCHKEY_API_KEY=lk_",
        "http://127.0.0.1:8082/",
        "Authorization: Bearer $",
        "Authorization: ApiKey $",
        "x-api-key: $",
        "import requests",
    ] {
        assert!(snippets.contains(part), "{part} in {snippets}");
    }

    let (account, workspace) = (house.acme.account, house.acme.workspace);
    let stored = api_keys::find(&mut house.conn(), account, workspace, key.id).unwrap();
    assert_eq!(stored.name, "Blog ingest");
    assert_eq!(stored.last_four(), key.last_four());
    let digest = Pepper::new(&[7; 32]).unwrap().digest(&key.secret);
    let hex = format!("{:02x?}", digest.as_bytes()).replace(", ", "");
    let hex = hex.trim_matches(['[', ']']);
    assert!(every_row(&mut house.conn()).contains(hex));
}

#[tokio::test]
async fn the_secret_is_nowhere_but_in_that_answer() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let tail = &key.secret[key.secret.len() - 38..];
    assert!(!every_row(&mut house.conn()).contains(tail));
    let first_request = format!("{}/first-request", key.url());
    let revoke = format!("{}/revoke", key.url());
    for path in [
        KEYS,
        NEW,
        &key.url(),
        &first_request,
        &revoke,
        "/w/default/",
    ] {
        let page = house.owner.get(path).await;
        assert!(page.status < 300, "{path}: {}", page.status);
        assert!(!page.text.contains(tail), "{path}");
        assert!(!format!("{:?}", page.headers).contains(tail), "{path}");
    }
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_key_and_shows_its_secret_once() {
    let house = House::new().await;
    let operation = ("operation", "7c9e6679-7425-40de-944b-e07fc1f90ae7");
    let first = submit(&house.owner, &[operation]).await;
    let key = NewKey::of(&first);
    let again = submit(&house.owner, &[operation]).await;
    assert_eq!(again.status, 303);
    assert_eq!(again.location(), key.url());
    let page = house.owner.get(again.location()).await;
    assert_eq!(
        page.one(".flash"),
        "This key already exists. Its secret was shown once."
    );
    assert!(!page.text.contains(&key.secret[20..]));
    let list = house.owner.get(KEYS).await;
    assert_eq!(list.texts("tbody th[scope=row]").len(), 1);
}

#[tokio::test]
async fn two_clicks_at_once_make_one_key() {
    let house = House::new().await;
    let operation = ("operation", "7c9e6679-7425-40de-944b-e07fc1f90ae7");
    let fields = [operation];
    let (one, other) = tokio::join!(submit(&house.owner, &fields), submit(&house.owner, &fields));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 303]);
}

#[tokio::test]
async fn a_dialog_gets_the_form_alone() {
    let house = House::new().await;
    let request = house
        .owner
        .request("GET", NEW)
        .header("x-fragment", "dialog");
    let page = send(request).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text
            .trim_start()
            .starts_with("<div data-dialog-content")
    );
    assert!(page.has("form[method=post] input[name=csrf]"));
    assert!(!page.has("header"));
}

#[tokio::test]
async fn a_key_may_be_made_in_another_workspace_of_ones_own() {
    let house = House::new().await;
    house.app.workspace(house.acme.account, "staging");
    let page = submit(&house.owner, &[("workspace", "staging")]).await;
    assert_eq!(page.status, 201);
    let id = NewKey::of(&page).id;
    let here = house.owner.get(&format!("{KEYS}/{id}")).await;
    assert_eq!(here.status, 404);
    let there = format!("/w/staging/developers/keys/{id}");
    assert_eq!(house.owner.get(&there).await.status, 200);
}

#[tokio::test]
async fn who_may_only_read_is_told_who_can_create() {
    let house = House::new().await;
    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    let page = viewer.get(NEW).await;
    assert_eq!(page.status, 403);
    assert!(
        page.one("main")
            .contains("takes the role admin or developer")
    );
    let list = viewer.get(KEYS).await;
    assert!(!list.has(&format!("a[href='{NEW}']")));
    assert!(list.one("main").contains("Ask an owner or admin"));
}
