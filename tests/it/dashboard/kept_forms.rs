//! Forms that came too late: what was entered is not lost, and nothing is sent twice or by itself.

use std::time::Duration;

use latchkey::domain::role::WorkspaceRole;

use crate::support::app::PASSWORD;
use crate::support::app::TestApp;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::rows;

const KEYS: &str = "/w/default/developers/keys";
const NEW: &str = "/w/default/developers/keys/new";
const POLICY: &str = "/w/default/settings/key-policy";

/// The time to confirm comes while a form is being filled in.
async fn grow_old(app: &TestApp, caller: &Caller) {
    for _ in 0..3 {
        app.clock.advance(Duration::from_mins(40));
        assert_eq!(caller.get("/w/default/").await.status, 200);
    }
}

fn number(app: &TestApp, query: &str) -> i64 {
    rows::number(&app.db, query)
}

/// Sends the form of `page`, which asks who one is; says so, and comes back to what is filled in.
async fn send_late(caller: &Caller, page: &Page, fields: &[(&str, &str)]) -> Page {
    let sent = caller.fill_in(page, fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let confirm = sent.location();
    assert!(confirm.starts_with("/confirm-identity?next="), "{confirm}");
    confirmed(caller, confirm).await
}

async fn confirmed(caller: &Caller, confirm: &str) -> Page {
    let page = caller.get(confirm).await;
    assert!(
        page.one(".page-head p")
            .contains("What you entered is kept")
    );
    let next = page.attribute("main form input[name=next]", "value");
    let fields = [("password", PASSWORD), ("next", next.as_str())];
    let done = caller.fill_in(&page, &fields).await;
    assert_eq!((done.status, done.location()), (303, next.as_str()));
    let page = caller.get(&next).await;
    assert!(page.one(".flash-info").contains("Nothing was sent yet"));
    page
}

fn is_checked(page: &Page, name: &str, value: &str) -> bool {
    page.has(&format!(
        "main input[name={name}][value='{value}'][checked]"
    ))
}

fn entries(operation: &str) -> [(&'static str, &str); 8] {
    [
        ("name", "Late ingest"),
        ("operation", operation),
        ("workspace", "default"),
        ("scope", "query"),
        ("expires", "1w"),
        ("quota_daily", "1500"),
        ("note", "for the \"late\" & careful"),
        ("allowed_ips", "203.0.113.0/24"),
    ]
}

fn operation(page: &Page) -> String {
    page.attribute("main form input[name=operation]", "value")
}

#[tokio::test]
async fn a_new_key_is_filled_in_again_and_made_by_another_press_only() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = owner.get(NEW).await;
    let id = operation(&page);
    grow_old(&app, &owner).await;
    let page = send_late(&owner, &page, &entries(&id)).await;
    assert_eq!(
        page.attribute("main input[name=name]", "value"),
        "Late ingest"
    );
    assert_eq!(
        page.attribute("main input[name=quota_daily]", "value"),
        "1500"
    );
    assert_eq!(
        page.one("main textarea[name=note]"),
        "for the \"late\" & careful"
    );
    assert_eq!(
        page.one("main textarea[name=allowed_ips]"),
        "203.0.113.0/24"
    );
    assert!(is_checked(&page, "scope", "query") && is_checked(&page, "expires", "1w"));
    assert_eq!(number(&app, "select count(*) from api_keys"), 0);
    let held = "select count(*) from sessions where state::text like '%Late ingest%'";
    assert_eq!(number(&app, held), 0, "given back, and forgotten");

    let again = owner.get(NEW).await;
    assert_eq!(again.attribute("main input[name=name]", "value"), "");
    let made = owner.fill_in(&page, &entries(&operation(&page))).await;
    assert!(made.has("#secret"), "{}", made.text);
}

#[tokio::test]
async fn rotating_a_policy_and_a_role_come_back_as_they_were_sent() {
    let app = TestApp::spawn();
    let acme = app.account("acme");
    let owner = app.visitor();
    owner.sign_in("acme", "owner@acme.example").await;
    let new = owner.get(NEW).await;
    let made = owner.fill_in(&new, &entries(&operation(&new))).await;
    let key = made.attribute("main a[href*='/developers/keys/']", "href");
    let key = key.split(['?', '#']).next().unwrap().to_owned();
    let place = (acme.account, acme.workspace);
    let grace = app.member(
        place.0,
        place.1,
        "grace@acme.example",
        WorkspaceRole::Viewer,
    );

    let rotate = owner.get(&format!("{key}/rotate")).await;
    let policy = owner.get(POLICY).await;
    let url = format!("/account/members/{grace}/role?role=admin");
    let role = owner.get(&url).await;
    assert_eq!((rotate.status, policy.status, role.status), (200, 200, 200));
    let value =
        |page: &Page, name: &str| page.attribute(&format!("main form input[name={name}]"), "value");
    let (id, version) = (operation(&rotate), value(&rotate, "version"));
    grow_old(&app, &owner).await;
    let fields = [
        ("overlap", "7d"),
        ("operation", id.as_str()),
        ("version", version.as_str()),
    ];
    let page = send_late(&owner, &rotate, &fields).await;
    assert!(is_checked(&page, "overlap", "7d"));

    grow_old(&app, &owner).await;
    let version = value(&policy, "version");
    let fields = [
        ("creators", "admins"),
        ("version", version.as_str()),
        ("longest_life", "90"),
    ];
    let page = send_late(&owner, &policy, &fields).await;
    assert!(is_checked(&page, "creators", "admins"), "{}", page.text);
    assert_eq!(page.attribute("main [name=longest_life]", "value"), "90");

    grow_old(&app, &owner).await;
    let page = send_late(&owner, &role, &[("was", "member"), ("role", "admin")]).await;
    assert_eq!(page.one("h1"), role.one("h1"));
    let changed = "select count(*) from audit_log where action in
        ('key.rotated', 'key-policy.changed', 'member.role-changed')";
    assert_eq!(number(&app, changed), 0);
}

#[tokio::test]
async fn what_is_kept_is_for_this_session_and_page_and_half_an_hour_and_holds_no_secret() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = owner.get(NEW).await;
    let made = owner.fill_in(&page, &entries(&operation(&page))).await;
    let pasted = made.one("#secret");
    let page = owner.get(NEW).await;
    let id = operation(&page);
    grow_old(&app, &owner).await;
    let kept = "select count(*) from sessions where state ? 'kept-form'";
    let mut with_key = entries(&id);
    with_key[6] = ("note", &pasted);
    let long = "x".repeat(65 * 1024);
    let mut too_long = entries(&id);
    too_long[6] = ("note", &long);
    for fields in [with_key, too_long] {
        assert_eq!(owner.fill_in(&page, &fields).await.status, 303);
        assert_eq!(number(&app, kept), 0);
    }
    let fields = [("password", "hunter2hunter2"), ("name", "Kept")];
    assert_eq!(owner.fill_in(&page, &fields).await.status, 303);
    assert_eq!(number(&app, kept), 1);
    let told = "select count(*) from sessions where state->>'kept-form' ~ 'hunter2|csrf'";
    assert_eq!(number(&app, told), 0);

    let other = app.visitor();
    other.sign_in("acme", "owner@acme.example").await;
    let page = other.get(NEW).await;
    assert_eq!(page.attribute("main input[name=name]", "value"), "");
    let confirm = owner
        .submit("/confirm-identity", &[("password", PASSWORD)])
        .await;
    assert_eq!(confirm.status, 303);
    let page = owner.get(POLICY).await;
    assert!(!page.has(".flash-info"), "not the page it was sent from");
    app.clock.advance(Duration::from_mins(31));
    let page = owner.get(NEW).await;
    assert_eq!(page.attribute("main input[name=name]", "value"), "");
    assert_eq!(number(&app, kept), 0);
}

#[tokio::test]
async fn a_form_sent_after_the_session_stays_on_a_page_until_one_is_signed_in() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = owner.get(NEW).await;
    let id = operation(&page);
    app.clock.advance(Duration::from_hours(2));
    let sent = owner.fill_in(&page, &entries(&id)).await;
    assert_eq!(
        (sent.status, sent.one("h1").as_str()),
        (403, "You are signed out")
    );
    assert_eq!(sent.attribute("main form", "action"), NEW);
    assert_eq!(sent.one("textarea[name=name]"), "Late ingest");
    assert_eq!(sent.attribute("main a[target=_blank]", "href"), "/sign-in");
    assert!(
        !sent
            .text
            .contains(&page.attribute("input[name=csrf]", "value"))
    );

    owner.sign_in("acme", "owner@acme.example").await;
    let stale = owner.fill_in(&sent, &entries(&id)).await;
    assert_eq!(
        (stale.status, number(&app, "select count(*) from api_keys")),
        (403, 0)
    );
    let made = owner.fill_in(&stale, &entries(&id)).await;
    assert!(made.has("#secret"), "{}", made.text);

    // Nothing was entered, or there never was a session: sign-in is all there is to do.
    app.clock.advance(Duration::from_hours(2));
    let list = owner.post(&format!("{KEYS}/new"), &[("csrf", "x")]).await;
    assert_eq!(list.status, 303);
    let stranger = app.visitor().post(NEW, &entries(&id)).await;
    assert!(stranger.location().starts_with("/sign-in"));
}
