//! What a workspace asks of its keys: set by its admins, said at the fields, kept by the server.

use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use diesel::sql_types::Text;
use latchkey::domain::role::WorkspaceRole;
use serde_json::Value;
use serde_json::json;

use crate::dashboard::keys::House;
use crate::dashboard::keys::NEW;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::edit::edit;
use crate::dashboard::keys::submit;
use crate::support::callers::Caller;
use crate::support::html::Page;

const POLICY: &str = "/w/default/settings/key-policy";

/// Sends the form as it stands but for `changes`.
async fn set(caller: &Caller, changes: &[(&str, &str)]) -> Page {
    let page = caller.get(POLICY).await;
    assert_eq!(page.status, 200, "{}", page.text);
    send(caller, &page, changes).await
}

async fn send(caller: &Caller, page: &Page, changes: &[(&str, &str)]) -> Page {
    let version = page.attribute("main form input[name=version]", "value");
    let mut fields = vec![
        ("version", version.as_str()),
        ("longest_life", ""),
        ("default_expiry", ""),
        ("scopes", "every"),
        ("creators", "developers"),
    ];
    fields.retain(|(known, _)| changes.iter().all(|(name, _)| known != name));
    fields.extend(changes);
    caller.fill_in(page, &fields).await
}

#[derive(QueryableByName, Debug)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Change {
    #[diesel(sql_type = Text)]
    actor_label: String,
    #[diesel(sql_type = Jsonb)]
    before: Value,
    #[diesel(sql_type = Jsonb)]
    after: Value,
}

fn changes(house: &House) -> Vec<Change> {
    diesel::sql_query(
        "select actor_label, before, after from audit_log
         where action = 'key-policy.changed' order by id",
    )
    .load(&mut house.conn())
    .unwrap()
}

#[tokio::test]
async fn an_admin_sets_it_and_the_audit_log_has_both_states() {
    let house = House::new().await;
    let admin = house
        .member("admin@acme.example", WorkspaceRole::Admin)
        .await;
    let page = set(
        &admin,
        &[
            ("longest_life", "30"),
            ("default_expiry", "1w"),
            ("scopes", "chosen"),
            ("scope", "query"),
            ("scope", "custom"),
            ("creators", "admins"),
        ],
    )
    .await;
    assert_eq!((page.status, page.location()), (303, POLICY));
    let page = admin.get(POLICY).await;
    assert!(page.one(".flash").contains("is saved"));
    assert_eq!(page.values("#longest_life"), ["30"]);
    assert_eq!(page.values("#default_expiry [selected]"), ["1w"]);
    assert_eq!(
        page.values("input[name=scope][checked]"),
        ["query", "custom"]
    );
    let found = changes(&house);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].actor_label, "admin@acme.example");
    assert_eq!(
        found[0].before,
        json!({"longest_life_days": null, "default_expiry": null, "scopes": null,
               "creators": "developers"})
    );
    assert_eq!(
        found[0].after,
        json!({"longest_life_days": 30, "default_expiry": "1w", "scopes": ["custom", "query"],
               "creators": "admins"})
    );
}

#[tokio::test]
async fn only_admins_may_open_it_and_strangers_find_nothing() {
    let house = House::new().await;
    for (email, role) in [
        ("dev@acme.example", WorkspaceRole::Developer),
        ("viewer@acme.example", WorkspaceRole::Viewer),
    ] {
        let caller = house.member(email, role).await;
        let page = caller.get(POLICY).await;
        assert_eq!(page.status, 403);
        assert!(page.one("main").contains("takes the role admin there. Ask"));
        assert!(!page.has(&format!("nav a[href='{POLICY}']")));
        let csrf = caller
            .get("/w/default/")
            .await
            .attribute("[name=csrf]", "value");
        let sent = [
            ("csrf", csrf.as_str()),
            ("version", "0"),
            ("scopes", "every"),
        ];
        assert_eq!(caller.post(POLICY, &sent).await.status, 403);
    }
    assert!(
        house
            .owner
            .get(POLICY)
            .await
            .has(&format!("nav a[href='{POLICY}']"))
    );
    let stranger = house.app.owner("other").await;
    house.app.workspace(house.acme.account, "staging");
    let foreign = stranger.get("/w/staging/settings/key-policy").await;
    let none = stranger.get("/w/nowhere/settings/key-policy").await;
    assert_eq!((foreign.status, none.status), (404, 404));
    assert_eq!(foreign.without_reference(), none.without_reference());
    assert!(changes(&house).is_empty());
}

#[tokio::test]
async fn of_two_who_change_it_the_second_sees_both_states() {
    let house = House::new().await;
    let page = house.owner.get(POLICY).await;
    assert_eq!(
        set(&house.owner, &[("longest_life", "90")]).await.status,
        303
    );
    let lost = send(&house.owner, &page, &[("longest_life", "30")]).await;
    assert_eq!(lost.status, 409);
    assert_eq!(lost.one("td[data-column=theirs]"), "90 days");
    assert_eq!(lost.one("td[data-column=ours]"), "30 days");
    assert_eq!(lost.values("#longest_life"), ["30"]);
    // Knowing, it may be sent again.
    let again = send(&house.owner, &lost, &[("longest_life", "30")]).await;
    assert_eq!(again.status, 303);
    assert_eq!(changes(&house).len(), 2);
}

#[tokio::test]
async fn what_is_no_policy_is_told_at_its_field() {
    let house = House::new().await;
    for (field, changes) in [
        ("longest_life", vec![("longest_life", "soon")]),
        (
            "default_expiry",
            vec![("longest_life", "30"), ("default_expiry", "1y")],
        ),
        (
            "default_expiry",
            vec![("longest_life", "30"), ("default_expiry", "never")],
        ),
        ("scopes", vec![("scopes", "chosen")]),
        ("scopes", vec![("scopes", "chosen"), ("scope", "root")]),
        ("creators", vec![("creators", "everybody")]),
    ] {
        let page = set(&house.owner, &changes).await;
        assert_eq!(page.status, 422, "{changes:?}");
        assert!(page.has(&format!("#{field}-error")), "{changes:?}");
    }
    assert!(changes(&house).is_empty());
}

#[tokio::test]
async fn a_new_key_is_held_to_it_and_the_fields_say_so() {
    let house = House::new().await;
    let rules = [
        ("longest_life", "30"),
        ("scopes", "chosen"),
        ("scope", "query"),
        ("scope", "index"),
    ];
    assert_eq!(set(&house.owner, &rules).await.status, 303);
    let page = house.owner.get(NEW).await;
    assert!(page.one("#expires-hint").contains("live at most 30 days"));
    assert_eq!(page.values("input[name=scope]"), ["query", "index"]);
    assert!(page.one("#scope-policy").contains("allows: "));
    let offered = page.values("input[name=expires]");
    assert!(!offered.contains(&"90d".to_owned()), "{offered:?}");
    assert!(!offered.contains(&"never".to_owned()), "{offered:?}");
    assert_eq!(page.attribute("#expires_on", "max"), "2026-12-21");
    assert_eq!(page.values("input[name=expires][checked]").len(), 1);

    for (field, change) in [
        ("expires", ("expires", "never")),
        ("expires", ("expires", "1y")),
        ("scope", ("scope", "full")),
        ("scope", ("scope", "inherit")),
    ] {
        let mut sent = vec![("scope", "query"), ("expires", "1w")];
        sent.retain(|(name, _)| *name != change.0);
        sent.push(change);
        let page = submit(&house.owner, &sent).await;
        assert_eq!(page.status, 422, "{change:?}");
        assert!(page.has(&format!("#{field}-error")), "{change:?}");
        assert_eq!(page.values("#name"), ["Blog ingest"]);
    }
    let page = submit(&house.owner, &[("scope", "query"), ("expires", "1w")]).await;
    assert_eq!(page.status, 201, "{}", page.text);
}

#[tokio::test]
async fn a_key_that_is_there_keeps_what_it_has_and_gets_nothing_more() {
    let house = House::new().await;
    let changes = [("name", "Old"), ("expires", "never")];
    let key = NewKey::of(&submit(&house.owner, &changes).await);
    create(&house.owner, "Young").await;
    let rules = [
        ("longest_life", "30"),
        ("scopes", "chosen"),
        ("scope", "query"),
    ];
    assert_eq!(set(&house.owner, &rules).await.status, 303);
    let page = house.owner.get(POLICY).await;
    assert_eq!(
        page.one("#breaking"),
        "Of 2 current keys, 2 break it: 2 live longer, 2 have another scope. They keep working as \
         they are; the policy is asked when one is changed."
    );

    let form = house.owner.get(&format!("{}/edit", key.url())).await;
    assert!(form.one("#policy").contains("lives longer"));
    let form = house.owner.get(&format!("{}/rotate", key.url())).await;
    assert!(form.one("#policy").contains("lives longer"));
    // As it was, but for its name.
    let page = edit(&house.owner, &key, &[("name", "Old one")]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    // Shorter, though still too long.
    let sooner = [("expires", "on"), ("expires_on", "2027-06-01")];
    assert_eq!(edit(&house.owner, &key, &sooner).await.status, 303);
    // Never longer, never wider.
    let later = [("expires", "on"), ("expires_on", "2027-07-01")];
    let page = edit(&house.owner, &key, &later).await;
    assert_eq!(page.status, 422);
    assert!(page.one("#expires-error").contains("at most 30 days"));
    let page = edit(&house.owner, &key, &[("expires", "never")]).await;
    assert_eq!(page.status, 422);
    let page = edit(&house.owner, &key, &[("scope", "inherit")]).await;
    assert_eq!(page.status, 422);
    assert!(page.one("#scope-error").contains("not among the scopes"));
    // A similar key starts from what may be chosen.
    let page = house.owner.get(&format!("{NEW}?like={}", key.id)).await;
    assert_eq!(page.values("input[name=scope][checked]"), [""; 0]);
    assert!(!page.has("input[name=expires][value=never]"));
}

#[tokio::test]
async fn where_only_admins_create_developers_are_told_whom_to_ask() {
    let house = House::new().await;
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    assert_eq!(developer.get(NEW).await.status, 200);
    let form = developer.get(NEW).await;
    assert_eq!(
        set(&house.owner, &[("creators", "admins")]).await.status,
        303
    );
    let page = developer.get(NEW).await;
    assert_eq!(page.status, 403);
    assert!(
        page.one("main")
            .contains("lets only its admins create keys")
    );
    // Also with a form that was opened before.
    let operation = form.attribute("main form input[name=operation]", "value");
    let sent = [
        ("name", "Blog ingest"),
        ("workspace", "default"),
        ("scope", "query"),
        ("expires", "1w"),
        ("operation", operation.as_str()),
    ];
    assert_eq!(developer.fill_in(&form, &sent).await.status, 403);
    let list = developer.get("/w/default/developers/keys").await;
    assert!(!list.has(&format!("a[href='{NEW}']")));
    assert_eq!(house.owner.get(NEW).await.status, 200);
}
