//! The way to a provider and back, when nobody forges anything.

use std::time::Duration;

use latchkey::domain::identity::Provider;
use latchkey::domain::role::StaffRole;
use serde_json::json;

use super::Place;
use super::come_back;
use super::press;
use super::set_out;
use crate::support::app::TestApp;
use crate::support::callers::Caller;
use crate::support::forger::Forger;
use crate::support::forger::jwt;
use crate::support::forger::jwt::OWN;
use crate::support::forger::jwt::STRANGE;
use crate::support::html::Page;
use crate::support::rows::number;

async fn sign_in(place: &Place, browser: &Caller, domain: &str, forger: &Forger) -> Page {
    let trip = set_out(browser, domain, forger).await;
    forger.grant("code", jwt::signed(&place.claims(forger, &trip)));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    come_back(browser, forger, &fields).await
}

#[tokio::test]
async fn a_linked_sign_in_opens_the_persons_workspace() {
    let place = Place::new();
    for forger in [&place.google, &place.microsoft] {
        let browser = place.app.visitor();
        let page = sign_in(&place, &browser, "acme", forger).await;
        assert_eq!((page.status, page.location()), (303, "/"), "{}", page.text);
        let page = browser.get("/w/default/").await;
        assert_eq!((page.status, page.one("h1")), (200, "Default".to_owned()));
        let by = format!(
            "select count(*) from sessions where provider = '{0}'
             and exists (select from audit_log where action = 'session.started'
                         and after ->> 'by' = '{0}')",
            forger.provider.as_str()
        );
        assert_eq!(number(&place.app.db, &by), 1);
    }
}

#[tokio::test]
async fn the_browser_is_sent_with_a_code_flow_pkce_state_and_nonce() {
    let place = Place::new();
    let browser = place.app.visitor();
    let one = set_out(&browser, "acme", &place.google).await;
    let two = set_out(&browser, "acme", &place.google).await;
    let asked = |name: &str| one.question[name].as_str();
    assert_eq!(asked("response_type"), "code");
    assert_eq!(asked("code_challenge_method"), "S256");
    assert_eq!(asked("scope"), "openid email profile");
    let back = format!("http://{}/oidc/google/callback", place.app.address);
    assert_eq!(asked("redirect_uri"), back);
    for (one, two) in [
        (&one.state, &two.state),
        (&one.nonce, &two.nonce),
        (&one.challenge, &two.challenge),
    ] {
        assert_eq!(one.len(), 43);
        assert_ne!(one, two);
    }
    // What is kept opens nothing.
    let kept = crate::support::rows::every_row(&mut place.app.db.connection());
    assert!(!kept.contains(&one.state) && !kept.contains(&one.nonce));
}

#[tokio::test]
async fn a_page_that_was_asked_for_comes_after_the_provider() {
    let place = Place::new();
    let browser = place.app.visitor();
    for (next, landed) in [("/workspaces", "/workspaces"), ("//evil.example", "/")] {
        let page = browser.get("/sign-in/acme").await;
        let csrf = page.attribute("main form input[name=csrf]", "value");
        let fields = [("csrf", csrf.as_str()), ("next", next)];
        let page = browser.post("/sign-in/acme/google", &fields).await;
        let trip = super::Trip::of(&page);
        let token = jwt::signed(&place.claims(&place.google, &trip));
        place.google.grant("code", token);
        let fields = [("code", "code"), ("state", trip.state.as_str())];
        let page = come_back(&browser, &place.google, &fields).await;
        assert_eq!(page.location(), landed, "{next}");
        place.app.db.execute("delete from sessions");
    }
}

#[tokio::test]
async fn who_is_not_linked_or_not_a_member_is_told_the_same() {
    let place = Place::new();
    place.app.account("umbrella");
    let mut answers = Vec::new();
    for (domain, subject) in [
        ("acme", "somebody new"),
        ("umbrella", super::SUBJECT),
        ("nowhere", super::SUBJECT),
        ("staff", super::SUBJECT),
    ] {
        let browser = place.app.visitor();
        let trip = set_out(&browser, domain, &place.google).await;
        let mut claims = place.claims(&place.google, &trip);
        claims["sub"] = json!(subject);
        place.google.grant("code", jwt::signed(&claims));
        let fields = [("code", "code"), ("state", trip.state.as_str())];
        let page = come_back(&browser, &place.google, &fields).await;
        assert_eq!(page.status, 403, "{domain}");
        assert!(page.one("#refusal").starts_with("No sign-in is linked"));
        answers.push(page.without_reference().replace(domain, "DOMAIN"));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(place.sessions(), 0);
}

#[tokio::test]
async fn somebody_disabled_stays_outside() {
    let place = Place::new();
    place.app.db.execute("update users set disabled_at = now()");
    let page = sign_in(&place, &place.app.visitor(), "acme", &place.google).await;
    assert_eq!((page.status, place.sessions()), (403, 0));
}

#[tokio::test]
async fn staff_may_come_by_a_provider_too() {
    let place = Place::new();
    place.app.staff("owner@acme.example", StaffRole::Support);
    let browser = place.app.visitor();
    let page = sign_in(&place, &browser, "staff", &place.google).await;
    assert_eq!(page.status, 303, "{}", page.text);
    assert_eq!(browser.get("/operator/nodes").await.status, 200);
}

#[tokio::test]
async fn a_provider_that_is_down_costs_a_calm_page_and_holds_up_nothing() {
    let place = Place::new();
    place.google.set_down(true);
    let browser = place.app.visitor();
    assert_eq!(browser.get("/sign-in/acme").await.status, 200);
    let page = press(&browser, "acme", &place.google).await;
    assert_eq!((page.status, page.header("retry-after")), (503, "5"));
    assert!(page.one("#refusal").contains("Google does not answer"));
    assert_eq!(page.attribute("#main a.button", "href"), "/sign-in/acme");
    // It is left alone for a moment, and then asked again.
    press(&browser, "acme", &place.google).await;
    assert_eq!(place.google.asked("metadata"), 1);
    place.google.set_down(false);
    place.app.clock.advance(Duration::from_secs(4));
    let page = sign_in(&place, &browser, "acme", &place.google).await;
    assert_eq!(page.status, 303);
    // What was learnt is kept.
    sign_in(&place, &place.app.visitor(), "acme", &place.google).await;
    let asked = |what| place.google.asked(what);
    assert_eq!((asked("metadata"), asked("keys")), (2, 1));
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_learnt_but_not_at_every_wish() {
    let place = Place::new();
    let browser = place.app.visitor();
    sign_in(&place, &browser, "acme", &place.google).await;
    let by_new_key = async || {
        let browser = place.app.visitor();
        let trip = set_out(&browser, "acme", &place.google).await;
        let claims = place.claims(&place.google, &trip);
        let token = jwt::signed_by(STRANGE, STRANGE.0, &claims);
        place.google.grant("new", token);
        let fields = [("code", "new"), ("state", trip.state.as_str())];
        come_back(&browser, &place.google, &fields).await.status
    };
    assert_eq!(by_new_key().await, 400);
    place
        .google
        .set_keys(&[jwt::published(OWN), jwt::published(STRANGE)]);
    assert_eq!((by_new_key().await, place.google.asked("keys")), (400, 1));
    place.app.clock.advance(Duration::from_secs(10));
    assert_eq!((by_new_key().await, place.google.asked("keys")), (303, 2));
}

#[tokio::test]
async fn saying_no_at_the_provider_is_no_fault() {
    let place = Place::new();
    let browser = place.app.visitor();
    for (error, status) in [("access_denied", 403), ("server_error", 400)] {
        let trip = set_out(&browser, "acme", &place.google).await;
        let fields = [("error", error), ("state", trip.state.as_str())];
        let page = come_back(&browser, &place.google, &fields).await;
        assert_eq!(page.status, status);
        assert!(!page.text.contains(error));
    }
}

#[tokio::test]
async fn one_network_cannot_fill_the_table_of_those_on_their_way() {
    let place = Place::new();
    let browser = place.app.visitor();
    set_out(&browser, "acme", &place.google).await;
    place.app.db.execute(
        "insert into pending_sign_ins (state_digest, browser_digest, provider, domain, next,
                                       address, created_at)
         select decode(lpad(to_hex(n), 64, '0'), 'hex'), browser_digest, provider, domain, next,
                address, created_at
         from pending_sign_ins, generate_series(1, 99) n",
    );
    let page = press(&browser, "acme", &place.google).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "5"));
    place.app.clock.advance(Duration::from_mins(10));
    set_out(&browser, "acme", &place.google).await;
}

#[tokio::test]
async fn buttons_are_there_for_what_is_set_up_and_their_forms_may_lead_there() {
    let place = Place::new();
    let page = place.app.visitor().get("/sign-in/acme").await;
    assert_eq!(
        page.texts("[data-provider]"),
        ["Continue with Google", "Continue with Microsoft"]
    );
    let policy = page.header("content-security-policy");
    let allowed = format!(
        "form-action 'self' {} {};",
        super::forger_base(&place.google),
        super::forger_base(&place.microsoft)
    );
    assert!(policy.contains(&allowed), "{policy}");

    let app = TestApp::spawn();
    let browser = app.visitor();
    let page = browser.get("/sign-in/acme").await;
    assert!(!page.has("[data-provider]"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self';"));
    for provider in Provider::ALL {
        let name = provider.as_str();
        let back = format!("/oidc/{name}/callback?code=a&state=b");
        assert_eq!(browser.get(&back).await.status, 404);
        let csrf = page.attribute("main form input[name=csrf]", "value");
        let button = format!("/sign-in/acme/{name}");
        let answer = browser.post(&button, &[("csrf", &csrf)]).await;
        assert_eq!(answer.status, 404);
    }
}

#[tokio::test]
async fn a_button_without_its_forms_token_sends_nobody_away() {
    let place = Place::new();
    let browser = place.app.visitor();
    browser.get("/sign-in/acme").await;
    let page = browser.post("/sign-in/acme/google", &[]).await;
    assert_eq!(page.status, 403);
    assert_eq!(browser.get("/sign-in/acme/google").await.status, 405);
    let pending = "select count(*) from pending_sign_ins";
    assert_eq!(number(&place.app.db, pending), 0);
}
