//! Forms that were not sent by a page of ours, or by one of another session.

use reqwest::RequestBuilder;

use crate::support::app::PASSWORD;
use crate::support::app::TestApp;
use crate::support::callers::Caller;
use crate::support::callers::send;

/// Signing out, told to the server in every dress.
async fn sign_out(caller: &Caller, dress: impl Fn(RequestBuilder) -> RequestBuilder) -> u16 {
    let page = caller.get("/w/default/").await;
    let csrf = page.attribute("form[action='/sign-out'] input[name=csrf]", "value");
    let request = caller.request("POST", "/sign-out").form(&[("csrf", csrf)]);
    send(dress(request)).await.status
}

#[tokio::test]
async fn only_our_own_pages_change_anything() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let ours = format!("http://{}", app.address);
    let fetch_site =
        |site: &'static str| move |request: RequestBuilder| request.header("sec-fetch-site", site);
    let origin = |origin: &str| {
        let origin = origin.to_owned();
        move |request: RequestBuilder| request.header("origin", &origin)
    };
    for site in [
        "cross-site",
        "same-site",
        "none",
        "",
        "same-origin, same-origin",
    ] {
        assert_eq!(sign_out(&owner, fetch_site(site)).await, 403, "{site}");
    }
    for other in [
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "",
        "https://127.0.0.1",
    ] {
        assert_eq!(sign_out(&owner, origin(other)).await, 403, "{other}");
    }
    assert_eq!(
        sign_out(&owner, |request| request).await,
        403,
        "no headers at all"
    );
    let lies = |request: RequestBuilder| {
        request
            .header("sec-fetch-site", "cross-site")
            .header("origin", &ours)
    };
    assert_eq!(sign_out(&owner, lies).await, 403);
    let twice = |request: RequestBuilder| {
        request
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-site", "cross-site")
    };
    assert_eq!(sign_out(&owner, twice).await, 403);
    assert_eq!(
        owner.get("/w/default/").await.status,
        200,
        "nothing was changed"
    );
    assert_eq!(sign_out(&owner, origin(&ours)).await, 303);
}

#[tokio::test]
async fn reading_changes_nothing() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    assert_eq!(owner.get("/sign-out").await.status, 405);
    assert_eq!(owner.get("/w/default/").await.status, 200);
}

#[tokio::test]
async fn a_form_without_its_token_is_kept_to_be_sent_again() {
    let app = TestApp::spawn();
    app.account("acme");
    let visitor = app.visitor();
    visitor.get("/sign-in/acme").await;
    for csrf in ["", "wrong"] {
        let fields = [
            ("csrf", csrf),
            ("email", "owner@acme.example"),
            ("password", PASSWORD),
            ("next", "/a\nb"),
        ];
        let page = visitor.post("/sign-in/acme", &fields).await;
        assert_eq!(
            (page.status, page.one("h1").as_str()),
            (403, "This page was open too long")
        );
        assert_eq!(page.one("textarea[name=email]"), "owner@acme.example");
        assert!(!page.text.contains(PASSWORD));
        let again = visitor
            .fill_in(&page, &[("email", "owner@acme.example")])
            .await;
        assert_eq!(again.status, 422);
        assert_eq!(again.one("#password-error"), "Error: Fill this in.");
        assert_eq!(again.attribute("#email", "value"), "owner@acme.example");
    }
}

#[tokio::test]
async fn a_visitor_who_lost_the_cookie_gets_a_new_one_with_the_kept_form() {
    let app = TestApp::spawn();
    let page = app.visitor().get("/sign-in").await;
    let forgetful = app.visitor();
    let kept = forgetful.fill_in(&page, &[("domain", "acme")]).await;
    assert_eq!(kept.status, 403);
    let sent = forgetful.fill_in(&kept, &[("domain", "acme")]).await;
    assert_eq!((sent.status, sent.location()), (303, "/sign-in/acme"));
}

#[tokio::test]
async fn another_sessions_token_is_no_token() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let other = app.owner("umbrella").await;
    let page = other.get("/w/default/").await;
    let theirs = page.attribute("form[action='/sign-out'] input[name=csrf]", "value");
    let page = owner.post("/sign-out", &[("csrf", &theirs)]).await;
    assert_eq!(page.status, 403);
    let page = owner.get("/w/default/").await;
    let own = page.attribute("form[action='/sign-out'] input[name=csrf]", "value");
    let twice = [("csrf", own.as_str()), ("csrf", theirs.as_str())];
    assert_eq!(owner.post("/sign-out", &twice).await.status, 403);
    assert_eq!(owner.get("/w/default/").await.status, 200);
}

#[tokio::test]
async fn a_form_of_a_session_that_is_over_leads_to_sign_in() {
    let app = TestApp::spawn();
    let page = app.visitor().post("/sign-out", &[("csrf", "x")]).await;
    assert_eq!((page.status, page.location()), (303, "/sign-in"));
}
