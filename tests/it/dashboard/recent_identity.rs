//! What is asked for again two hours after sign-in, and what never is.

use std::time::Duration;

use crate::support::app::PASSWORD;
use crate::support::app::TestApp;
use crate::support::callers::Caller;

const KEYS: &str = "/w/default/developers/keys";

/// Two hours pass in a busy session.
async fn grow_old(app: &TestApp, caller: &Caller) {
    for _ in 0..3 {
        app.clock.advance(Duration::from_mins(40));
        assert_eq!(caller.get("/w/default/").await.status, 200);
    }
}

async fn key(owner: &Caller) -> String {
    let page = owner.get(&format!("{KEYS}/new")).await;
    let operation = page.attribute("main form input[name=operation]", "value");
    let fields = [
        ("name", "Ingest"),
        ("operation", operation.as_str()),
        ("workspace", "default"),
        ("scope", "full"),
        ("expires", "90d"),
    ];
    let made = owner.fill_in(&page, &fields).await;
    assert!(made.has("#secret"), "{}", made.text);
    let link = made.attribute("main a[href*='/developers/keys/']", "href");
    link.split(['?', '#']).next().unwrap().to_owned()
}

#[tokio::test]
async fn after_two_hours_keys_and_policies_ask_who_one_is() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let key = key(&owner).await;
    let rotate = format!("{key}/rotate");
    let pages = [
        format!("{KEYS}/new"),
        rotate,
        "/w/default/settings/key-policy".to_owned(),
    ];
    for page in &pages {
        assert_eq!(owner.get(page).await.status, 200, "{page} when fresh");
    }
    let csv = format!("{KEYS}.csv");
    assert_eq!(owner.get(&csv).await.status, 200);
    grow_old(&app, &owner).await;
    for page in &pages {
        let answer = owner.get(page).await;
        let next = page.replace('/', "%2F");
        let confirm = format!("/confirm-identity?next={next}");
        assert_eq!((answer.status, answer.location()), (303, confirm.as_str()));
    }
    assert_eq!(owner.get(&csv).await.status, 303);
    for end in ["disable", "revoke"] {
        let page = owner.get(&format!("{key}/{end}")).await;
        assert_eq!(page.status, 200, "{end} is never slowed");
    }
    let fields = [("password", PASSWORD)];
    let confirm = format!("/confirm-identity?next={}", pages[0].replace('/', "%2F"));
    let page = owner.get(&confirm).await;
    let next = page.attribute("main form input[name=next]", "value");
    let all = [fields[0], ("next", next.as_str())];
    let answer = owner.fill_in(&page, &all).await;
    assert_eq!((answer.status, answer.location()), (303, pages[0].as_str()));
    for page in &pages {
        assert_eq!(owner.get(page).await.status, 200, "{page} when confirmed");
    }
}

#[tokio::test]
async fn a_form_that_was_opened_in_time_may_be_filled_in() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    for _ in 0..3 {
        app.clock.advance(Duration::from_mins(33));
        owner.get("/w/default/").await;
    }
    let policy = "/w/default/settings/key-policy";
    let page = owner.get(policy).await;
    assert_eq!(page.status, 200);
    app.clock.advance(Duration::from_mins(20));
    assert_eq!(owner.get(policy).await.status, 303);
    let sent = owner.fill_in(&page, &[("creators", "nobody")]).await;
    assert_eq!(sent.status, 422, "looked at, and not in order");
    app.clock.advance(Duration::from_mins(2));
    let sent = owner.fill_in(&page, &[("creators", "nobody")]).await;
    let confirm = "/confirm-identity?next=%2Fw%2Fdefault%2Fsettings%2Fkey-policy";
    assert_eq!((sent.status, sent.location()), (303, confirm));
}

#[tokio::test]
async fn confirming_takes_the_password_and_renews_the_session() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let wrong = [("password", "not the password")];
    let page = owner.submit("/confirm-identity", &wrong).await;
    assert_eq!(page.status, 422);
    assert_eq!(
        page.one("#password-error"),
        "Error: This is not your password."
    );
    assert!(page.one("title").starts_with("Error: "));
    for _ in 0..4 {
        owner.submit("/confirm-identity", &wrong).await;
    }
    let page = owner
        .submit("/confirm-identity", &[("password", PASSWORD)])
        .await;
    assert_eq!(page.status, 429, "throttled as sign-in is");
    app.clock.advance(Duration::from_secs(3));
    let off_site = [("password", PASSWORD), ("next", "//evil.example")];
    let page = owner.submit("/confirm-identity", &off_site).await;
    assert_eq!((page.status, page.location()), (303, "/"));
    assert!(page.header("set-cookie").starts_with("lk_sid="));
    assert_eq!(owner.get("/w/default/").await.status, 200);
    let rows = crate::support::rows::number(&app.db, "select count(*) from sessions");
    assert_eq!(rows, 1, "the same session under another id");
    let noted = "select count(*) from audit_log where action = 'session.confirmed'";
    assert_eq!(crate::support::rows::number(&app.db, noted), 1);
}

#[tokio::test]
async fn a_session_from_before_counts_from_its_start() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    app.db.execute("update sessions set confirmed_at = null");
    assert_eq!(owner.get(&format!("{KEYS}/new")).await.status, 200);
    grow_old(&app, &owner).await;
    assert_eq!(owner.get(&format!("{KEYS}/new")).await.status, 303);
}
