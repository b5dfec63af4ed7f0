//! A person's own pages: name, password, sessions.

use crate::support::app::PASSWORD;
use crate::support::app::TestApp;
use crate::support::callers::Caller;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;
use crate::support::smtp::SmtpSink;

const NEW_PASSWORD: &str = "seven quiet harbours at dawn";

async fn another_browser(app: &TestApp) -> Caller {
    let caller = app.visitor();
    caller.sign_in("acme", "owner@acme.example").await;
    caller
}

async fn is_signed_in(caller: &Caller) -> bool {
    let page = caller.get("/w/default/").await;
    assert!([200, 303].contains(&page.status));
    page.status == 200
}

#[tokio::test]
async fn a_name_is_changed_for_everybody_to_see() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let long = "é".repeat(201);
    let page = owner.submit("/me/profile", &[("name", &long)]).await;
    assert_eq!(page.status, 422);
    assert!(page.one("#name-error").contains("at most 200"));
    assert_eq!(page.attribute("#name", "value"), long);
    let page = owner
        .submit("/me/profile", &[("name", "Grace <b>Hopper")])
        .await;
    assert_eq!((page.status, page.location()), (303, "/me/profile"));
    let page = owner.get("/me/profile").await;
    assert_eq!(page.one(".flash p"), "Your name is saved.");
    assert_eq!(page.attribute("#name", "value"), "Grace <b>Hopper");
    assert!(!page.has("main b"));
    let noted = "select count(*) from audit_log where action = 'person.updated'";
    assert_eq!(crate::support::rows::number(&app.db, noted), 1);
    owner
        .submit("/me/profile", &[("name", "Grace <b>Hopper")])
        .await;
    assert_eq!(crate::support::rows::number(&app.db, noted), 1);
}

#[tokio::test]
async fn a_password_is_changed_with_the_current_one_and_ends_every_other_session() {
    let sink = SmtpSink::open();
    let app = TestApp::spawn_with(None, &sink.config());
    let owner = app.owner("acme").await;
    let other = another_browser(&app).await;
    let fields = [
        ("current_password", "not the password"),
        ("password", NEW_PASSWORD),
    ];
    let page = owner.submit("/me/security", &fields).await;
    assert_eq!(page.status, 422);
    assert_eq!(
        page.one("#current_password-error"),
        "Error: This is not your current password."
    );
    let fields = [("current_password", PASSWORD), ("password", "short")];
    let page = owner.submit("/me/security", &fields).await;
    assert!(page.has("#password-error"));
    assert!(is_signed_in(&other).await);
    let fields = [("current_password", PASSWORD), ("password", NEW_PASSWORD)];
    let page = owner.submit("/me/security", &fields).await;
    assert_eq!((page.status, page.location()), (303, "/me/security"));
    assert!(is_signed_in(&owner).await);
    assert!(!is_signed_in(&other).await, "over at its next request");
    let letter = sink.letter().await;
    assert_eq!(letter.to, ["owner@acme.example"]);
    assert!(!letter.text.contains(NEW_PASSWORD));
    let old = [("email", "owner@acme.example"), ("password", PASSWORD)];
    assert_eq!(
        app.visitor().submit("/sign-in/acme", &old).await.status,
        422
    );
    let new = [("email", "owner@acme.example"), ("password", NEW_PASSWORD)];
    assert_eq!(
        app.visitor().submit("/sign-in/acme", &new).await.status,
        303
    );
}

#[tokio::test]
async fn one_session_is_ended_and_the_others_go_on() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let other = another_browser(&app).await;
    let third = another_browser(&app).await;
    let page = owner.get("/me/security").await;
    assert_eq!(page.texts("#sessions tbody tr").len(), 3);
    let current = page.texts("#sessions td").into_iter();
    assert_eq!(current.filter(|text| text == "This one").count(), 1);
    assert_eq!(page.texts("td[data-column=address]")[0], "127.0.0.1");
    let action = page.attribute("#sessions form", "action");
    let csrf = page.attribute("#sessions form input[name=csrf]", "value");
    let last = last_noted(&app.db);
    let ended = owner.post(&action, &[("csrf", &csrf)]).await;
    assert_eq!(noted_after(&app.db, last), "session.ended");
    assert_eq!((ended.status, ended.location()), (303, "/me/security"));
    let left = [is_signed_in(&other).await, is_signed_in(&third).await];
    assert_eq!(left.iter().filter(|left| **left).count(), 1);
    assert!(is_signed_in(&owner).await);
    let page = owner.post(&action, &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 303, "ending what has ended is no fault");
}

#[tokio::test]
async fn all_other_sessions_are_ended_at_once() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let others = [another_browser(&app).await, another_browser(&app).await];
    let page = owner.get("/me/security").await;
    let csrf = page.attribute("main input[name=csrf]", "value");
    let last = last_noted(&app.db);
    owner
        .post("/me/security/end-sessions", &[("csrf", &csrf)])
        .await;
    assert_eq!(noted_after(&app.db, last), "session.ended");
    for other in &others {
        assert!(!is_signed_in(other).await);
    }
    let page = owner.get("/me/security").await;
    assert_eq!(page.one(".flash p"), "2 other sessions have ended.");
    assert_eq!(page.texts("#sessions tbody tr").len(), 1);
}

#[tokio::test]
async fn nobody_ends_a_session_of_somebody_else() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let umbrella = app.owner("umbrella").await;
    another_browser(&app).await;
    let page = owner.get("/me/security").await;
    let action = page.attribute("#sessions form", "action");
    let csrf = umbrella.get("/me/security").await;
    let csrf = csrf.attribute("main input[name=csrf]", "value");
    umbrella.post(&action, &[("csrf", &csrf)]).await;
    let page = owner.get("/me/security").await;
    assert_eq!(page.texts("#sessions tbody tr").len(), 2);
    let unknown = umbrella
        .post("/me/security/sessions/none/end", &[("csrf", &csrf)])
        .await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn who_is_not_signed_in_sees_none_of_it() {
    let app = TestApp::spawn();
    for path in ["/me/profile", "/me/security", "/confirm-identity"] {
        let page = app.visitor().get(path).await;
        assert_eq!(page.status, 303, "{path}");
        assert!(page.location().starts_with("/sign-in?next="), "{path}");
    }
}
