//! Two secrets of one key: what each does, and when the old one is safe to end.

use chrono::TimeDelta;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::rotate::node;
use crate::dashboard::keys::rotate::rotate;
use crate::dashboard::keys::rotate::stored;
use crate::dashboard::keys::submit;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::queries;

async fn press(caller: &Caller, key: &NewKey, what: &str) -> Page {
    let csrf = caller
        .get(KEYS)
        .await
        .attribute("input[name=csrf]", "value");
    let url = format!("{}/{what}", key.url());
    caller.post(&url, &[("csrf", &csrf)]).await
}

/// A key that was rotated so many minutes ago, for a day.
async fn rotated(house: &House, minutes_ago: i64) -> (NewKey, NewKey) {
    let old = create(&house.owner, "Blog ingest").await;
    house.execute("update key_secrets set requests = 40, last_used_at = '2026-11-21T09:30:00Z'");
    let new = NewKey::of(&rotate(&house.owner, &old, &[]).await);
    house
        .app
        .clock
        .advance(TimeDelta::minutes(minutes_ago).to_std().unwrap());
    (old, new)
}

#[tokio::test]
async fn each_secret_has_its_own_use_since_the_rotation() {
    let house = House::new().await;
    let (old, new) = rotated(&house, 30).await;
    house.execute(
        "update key_secrets set requests = 47, last_used_at = '2026-11-21T10:07:00Z'
          where generation = 1;
         update key_secrets set requests = 1200, last_used_at = '2026-11-21T10:10:00Z'
          where generation = 2",
    );
    house.log(
        old.id,
        &[
            (60, "POST /v1/query", 200, "203.0.113.1"),
            (240, "POST /v1/query", 200, "203.0.113.2"),
            (241, "POST /v1/query", 200, "203.0.113.3"),
        ],
    );
    house.execute("update request_log set generation = 2 where ip = '203.0.113.1'");
    house.execute("update request_log set generation = 1 where ip <> '203.0.113.1'");
    let page = house.owner.get(&old.url()).await;
    let cells = |column: &str| page.texts(&format!("#secrets td[data-column={column}]"));
    let names = page.texts("#secrets th[data-column=secret]");
    assert!(names[0].starts_with("Current") && names[0].ends_with(new.last_four()));
    assert!(names[1].starts_with("Old") && names[1].ends_with(old.last_four()));
    assert_eq!(cells("secret-requests"), ["1,200", "7"]);
    assert_eq!(
        cells("secret-from"),
        ["203.0.113.1", "203.0.113.2, 203.0.113.3"]
    );
    assert_eq!(cells("ends")[0], "With the key");
    assert!(cells("ends")[1].starts_with("22 Nov 2026, 09:41"));
    assert!(cells("secret-used")[1].starts_with("4 minutes ago"));
    assert_eq!(
        page.one("[data-advice].flash-warning"),
        "The old secret was used 4 minutes ago. Calls with it fail from 22 Nov 2026, 09:41."
    );
    let list = house.owner.get(KEYS).await;
    assert_eq!(
        list.one("td[data-label=Status]"),
        "Rotating · old secret ends 22 Nov, 09:41"
    );
}

#[tokio::test]
async fn a_secret_is_safe_to_end_after_an_hour_without_calls() {
    let house = House::new().await;
    let (key, _) = rotated(&house, 59).await;
    let page = house.owner.get(&key.url()).await;
    let said = "No calls on the old secret since the rotation 59 minutes ago.";
    assert!(page.one("[data-advice].flash-info").starts_with(said));
    house
        .app
        .clock
        .advance(TimeDelta::minutes(1).to_std().unwrap());
    let page = house.owner.get(&key.url()).await;
    assert_eq!(
        page.one("[data-advice].flash-success"),
        "No calls on the old secret for 60 minutes. Safe to end."
    );
    // A node whose calls are not here yet may know of one.
    node(&house, i64::MAX);
    house.execute("update nodes set spool_bytes = 9, spool_since = '2026-11-21T10:00:00Z'");
    let page = house.owner.get(&key.url()).await;
    assert!(page.one("[data-advice].flash-info").contains("not known"));
    assert!(!page.text.contains("Safe to end"));
}

#[tokio::test]
async fn the_old_secret_ends_by_one_press_once_every_node_confirms() {
    let house = House::new().await;
    node(&house, i64::MAX);
    let (key, new) = rotated(&house, 5).await;
    let answer = press(&house.owner, &key, "end-overlap").await;
    assert_eq!((answer.status, answer.location()), (303, &*key.url()));
    let page = house.owner.get(&key.url()).await;
    let said = "The old secret of Blog ingest is ended. No node has accepted it since 09:46:00";
    assert!(page.one(".flash").starts_with(said));
    assert_eq!(page.one("h1 .badge"), "Active");
    assert!(!page.has("#secrets"));
    assert!(page.text.contains("ended the old secret of the key"));
    assert_eq!(stored(&house, &key).last_four(), new.last_four());
    assert!(stored(&house, &key).retiring(house.now()).is_none());

    let again = press(&house.owner, &key, "end-overlap").await;
    assert_eq!(again.status, 409);
    assert_eq!(again.one("h1"), "Blog ingest has one secret only");
}

#[tokio::test]
async fn the_end_is_put_off_once() {
    let house = House::new().await;
    let (key, _) = rotated(&house, 5).await;
    let page = house.owner.get(&key.url()).await;
    let button = page.one("form[action$='/extend-overlap'] button");
    assert_eq!(button, "Extend once, to 23 Nov 2026, 09:41");
    let answer = press(&house.owner, &key, "extend-overlap").await;
    assert_eq!(answer.status, 303);
    let page = house.owner.get(&key.url()).await;
    let said = "The old secret of Blog ingest works until 23 Nov 2026, 09:41.";
    assert!(page.one(".flash").starts_with(said));
    assert!(!page.has("form[action$='/extend-overlap']"));
    assert!(
        page.text
            .contains("gave one day more to the old secret of the key")
    );
    let ends = stored(&house, &key).times.retires_at;
    let again = press(&house.owner, &key, "extend-overlap").await;
    assert_eq!(again.status, 409);
    assert!(again.one("main").contains("extended once"));
    assert_eq!(stored(&house, &key).times.retires_at, ends);
}

#[tokio::test]
async fn no_extension_goes_past_the_end_of_the_key() {
    let house = House::new().await;
    let fields = [("name", "Short"), ("expires", "1d")];
    let key = NewKey::of(&submit(&house.owner, &fields).await);
    rotate(&house.owner, &key, &[("overlap", "1h")]).await;
    let page = house.owner.get(&key.url()).await;
    let button = page.one("form[action$='/extend-overlap'] button");
    assert_eq!(button, "Extend once, to 22 Nov 2026, 09:41");
    assert_eq!(
        press(&house.owner, &key, "extend-overlap").await.status,
        303
    );
    let stored = stored(&house, &key);
    assert_eq!(stored.times.retires_at, stored.times.expires_at);

    let other = NewKey::of(&submit(&house.owner, &[("name", "Day"), ("expires", "1d")]).await);
    rotate(&house.owner, &other, &[("overlap", "7d")]).await;
    let page = house.owner.get(&other.url()).await;
    assert!(!page.has("form[action$='/extend-overlap']"));
    assert_eq!(
        press(&house.owner, &other, "extend-overlap").await.status,
        409
    );
}

#[tokio::test]
async fn who_may_not_rotate_may_not_end_or_extend_either() {
    use latchkey::domain::role::WorkspaceRole;
    let house = House::new().await;
    let (key, _) = rotated(&house, 5).await;
    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    for what in ["end-overlap", "extend-overlap"] {
        assert_eq!(press(&viewer, &key, what).await.status, 403);
    }
    let page = viewer.get(&key.url()).await;
    assert!(page.has("#secrets") && !page.has("#secrets form"));
    assert!(!page.has("td[data-column=secret-from]"));
}

#[tokio::test]
async fn the_page_of_a_key_takes_six_queries_with_limits_failures_and_two_secrets() {
    queries::watch();
    let house = House::new().await;
    for (limited, rotating) in [(false, false), (false, true), (true, false), (true, true)] {
        let name = format!("Limited {limited}, rotating {rotating}");
        let cap = if limited { "2000" } else { "" };
        let fields = [("name", name.as_str()), ("quota_daily", cap)];
        let key = NewKey::of(&submit(&house.owner, &fields).await);
        if rotating {
            rotate(&house.owner, &key, &[]).await;
        }
        house.log(key.id, &[(60, "GET /a", 401, "203.0.113.9")]);
        house.execute(&format!(
            "update api_keys set few_permissions = '{{documents:read}}';
             insert into outcomes_hourly values ({}, {}, '2026-11-21T09:00:00Z', '{}', 12, 38)",
            house.acme.account.0, house.acme.workspace.0, key.id
        ));
        // The catalogue is read once for each version of it.
        assert_eq!(house.owner.get(&key.url()).await.status, 200);
        let url = house.app.db.url();
        queries::take(&url);
        let page = house.owner.get(&key.url()).await;
        let taken = queries::take(&url);
        let shown = (page.has(".limits li"), page.has("#secrets"));
        assert_eq!(shown, (limited, rotating));
        assert!(page.has(".log-chips .chip") && page.has("[data-grant=used]"));
        assert!(page.has("[aria-labelledby=changes-title] li"));
        assert!((1..=6).contains(&taken.len()), "{name}: {taken:#?}");
    }
}
