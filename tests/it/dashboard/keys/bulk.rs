//! Several keys stopped at once.

use std::fmt::Display;

use latchkey::db::nodes;
use latchkey::db::nodes::NodeRow;
use latchkey::domain::role::WorkspaceRole;
use uuid::Uuid;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::queries;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;

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

async fn keys(caller: &Caller, names: &[&str]) -> Vec<NewKey> {
    let mut keys = Vec::new();
    for name in names {
        keys.push(create(caller, name).await);
    }
    keys
}

fn ticked(ids: impl Iterator<Item = impl Display>) -> String {
    let fields: Vec<String> = ids.map(|id| format!("&key={id}")).collect();
    fields.concat()
}

/// What the list's form asks for when the boxes of `keys` are ticked.
fn ask(action: &str, keys: &[NewKey]) -> String {
    let ids = ticked(keys.iter().map(|key| key.id));
    format!("{KEYS}/{action}?back=q%3Dkey{ids}")
}

/// Sends the form of `page` as it stands, with `more`.
async fn send(caller: &Caller, page: &Page, more: &[(&str, &str)]) -> Page {
    let keys = page.values("main form input[name=key]");
    let back = page.attribute("main form input[name=back]", "value");
    let mut fields: Vec<(&str, &str)> = keys.iter().map(|key| ("key", key.as_str())).collect();
    fields.push(("back", &back));
    fields.extend(more);
    caller.fill_in(page, &fields).await
}

fn results(page: &Page) -> Vec<(String, String)> {
    let names = page.texts("[data-column=name]");
    let words = page.texts("[data-column=result]");
    names.into_iter().zip(words).collect()
}

fn pair(name: &str, result: &str) -> (String, String) {
    (name.to_owned(), result.to_owned())
}

#[tokio::test]
async fn the_list_offers_boxes_for_what_its_reader_may_stop() {
    let house = House::new().await;
    house.fill(3);
    house.execute("update api_keys set revoked_at = now() where name = 'key 0001'");
    let page = house.owner.get(&format!("{KEYS}?view=all&sort=name")).await;
    assert_eq!(page.values("td input[name=key][form=bulk]").len(), 2);
    assert_eq!(
        page.attribute("form#bulk", "action"),
        format!("{KEYS}/disable")
    );
    assert_eq!(
        page.attribute("form#bulk button + button", "formaction"),
        format!("{KEYS}/revoke")
    );
    assert_eq!(
        page.values("form#bulk input[name=back]"),
        ["view=all&sort=name"]
    );
    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    let page = viewer.get(KEYS).await;
    assert!(!page.has("input[name=key]") && !page.has("#bulk"));
    assert_eq!(viewer.get(&format!("{KEYS}/revoke")).await.status, 403);
}

#[tokio::test]
async fn several_keys_are_revoked_by_their_number_with_a_result_each() {
    let house = House::new().await;
    running_node(&house);
    let made = keys(&house.owner, &["key a", "key b", "key c"]).await;
    let (account, workspace, id) = (house.acme.account.0, house.acme.workspace.0, made[0].id);
    house.execute(&format!(
        "update api_keys set revoked_at = now() where name = 'key c';
         insert into usage_hourly values ({account}, {workspace}, '{id}', '2026-11-21 08:00Z', 1200, 0, 0)"
    ));
    let page = house.owner.get(&ask("revoke", &made)).await;
    assert_eq!(page.one("h1"), "Revoke 2 keys");
    assert_eq!(
        page.one(".impact"),
        "1,200 requests in the last 24 hours, with 1 of these keys."
    );
    assert_eq!(page.texts("td[data-column=requests]"), ["1,200", "0"]);
    assert_eq!(page.one(".bulk-passed"), "key c Was already revoked");
    assert!(page.has(".button-row a[autofocus]"));

    for wrong in ["", "3", "two"] {
        let page = send(&house.owner, &page, &[("confirm", wrong)]).await;
        assert_eq!(page.status, 422, "{wrong}");
        assert!(page.has(".error-summary a[href='#confirm']"));
    }
    let unknown = [("confirm", "2"), ("reason", "boredom")];
    assert_eq!(send(&house.owner, &page, &unknown).await.status, 422);
    assert_eq!(
        house.number("select count(*) from api_keys where revoked_at is null"),
        2
    );

    // Meanwhile somebody else ends one of them.
    house.execute("update api_keys set revoked_at = now() where name = 'key b'");
    let right = [("confirm", "2"), ("reason", "unused")];
    let page = send(&house.owner, &page, &right).await;
    assert_eq!(
        (page.status, page.one("h1").as_str()),
        (200, "1 key is revoked")
    );
    assert!(
        page.one(".flash")
            .contains("No node has accepted any of them since 09:41:00")
    );
    assert_eq!(
        results(&page),
        [
            pair("key a", "Revoked"),
            pair("key b", "Was already revoked")
        ]
    );
    assert_eq!(
        page.attribute(".button-row a", "href"),
        format!("{KEYS}?q=key")
    );
    let told = "select count(*) from audit_log where action = 'key.revoked' and reason = 'unused'";
    assert_eq!(house.number(told), 1);
}

#[tokio::test]
async fn several_keys_are_disabled_by_one_press() {
    let house = House::new().await;
    running_node(&house);
    let made = keys(&house.owner, &["key a", "key b", "key c"]).await;
    house.execute(
        "update api_keys set disabled_at = now() where name = 'key b';
         update api_keys set expires_at = '2026-11-21 09:00Z' where name = 'key c';",
    );
    let page = house.owner.get(&ask("disable", &made)).await;
    assert_eq!(page.one("h1"), "Disable 1 key");
    assert!(!page.has("#confirm") && page.has("form button[autofocus]"));
    let passed = page.texts(".bulk-passed li");
    assert_eq!(
        passed,
        ["key b Was already disabled", "key c Had already expired"]
    );
    let last = last_noted(&house.app.db);
    let page = send(&house.owner, &page, &[]).await;
    assert_eq!(page.one("h1"), "1 key is disabled");
    assert_eq!(noted_after(&house.app.db, last), "key.disabled");
    assert_eq!(results(&page), [pair("key a", "Disabled")]);
    // The same form again finds nothing left to do.
    let page = house.owner.get(&ask("disable", &made)).await;
    assert!(!page.has("main form") && page.texts(".bulk-passed li").len() == 3);
}

#[tokio::test]
async fn developers_stop_their_own_keys_and_strangers_none() {
    let house = House::new().await;
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let mut made = keys(&house.owner, &["Foreign"]).await;
    made.extend(keys(&developer, &["Own"]).await);
    let stranger = house.app.owner("globex").await;
    made.push(create(&stranger, "Theirs").await);
    let theirs = made[2].id.to_string();
    let page = developer.get(&ask("revoke", &made)).await;
    assert_eq!(page.one("h1"), "Revoke 1 key");
    let passed = page.texts(".bulk-passed li");
    assert_eq!(passed[0], format!("{theirs} Not a key of this workspace"));
    assert!(passed[1].starts_with("Foreign Not yours"));
    assert!(!page.text.contains("Theirs"));

    // Sent all the same.
    let (foreign, own) = (made[0].id.to_string(), made[1].id.to_string());
    let csrf = page.attribute("main form input[name=csrf]", "value");
    let fields = [
        ("csrf", csrf.as_str()),
        ("confirm", "3"),
        ("key", &foreign),
        ("key", &own),
        ("key", &theirs),
    ];
    let page = developer.post(&format!("{KEYS}/revoke"), &fields).await;
    assert_eq!(page.one("h1"), "1 key is revoked");
    let revoked = "select count(*) from api_keys where revoked_at is not null";
    assert_eq!(house.number(revoked), 1);
}

#[tokio::test]
async fn nothing_ticked_and_too_much_ticked_change_nothing() {
    let house = House::new().await;
    house.fill(101);
    let page = house
        .owner
        .get(&format!("{KEYS}/disable?back=sort%3Dname"))
        .await;
    assert_eq!(
        (page.status, page.location()),
        (303, &*format!("{KEYS}?sort=name"))
    );
    let list = house.owner.get(page.location()).await;
    assert!(list.one(".flash").contains("Tick the keys first"));
    let ids = ticked((1..=101).map(|n| format!("{n:012}")));
    let page = house.owner.get(&format!("{KEYS}/revoke?x=y{ids}")).await;
    assert_eq!(page.status, 400);
}

#[tokio::test]
async fn a_hundred_keys_are_asked_about_in_as_many_queries_as_one() {
    queries::watch();
    let house = House::new().await;
    house.fill(100);
    let url = house.app.db.url();
    let page = house.owner.get(&format!("{KEYS}?limit=100")).await;
    let ids = page.values("td input[name=key]");
    assert_eq!(ids.len(), 100);
    let mut taken = Vec::new();
    for count in [1, 100] {
        let ticked = ticked(ids[..count].iter());
        queries::take(&url);
        let page = house
            .owner
            .get(&format!("{KEYS}/revoke?back={ticked}"))
            .await;
        assert_eq!(page.status, 200);
        taken.push(queries::take(&url).len());
    }
    assert!(taken[0] == taken[1] && taken[0] <= 6, "{taken:?}");
}
