//! Proving again who one is, by the provider at which one signs in.

use std::time::Duration;

use chrono::TimeDelta;
use latchkey::domain::clock::Clock;
use serde_json::Value;
use serde_json::json;

use super::Place;
use super::Trip;
use super::come_back;
use super::set_out;
use crate::support::callers::Caller;
use crate::support::forger::Forger;
use crate::support::forger::jwt;
use crate::support::html::Page;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;

const WANTED: &str = "/account/members/invite";

/// Acme's owner, who has no password, two busy hours after they signed in at Google.
async fn owner(place: &Place) -> Caller {
    place
        .app
        .db
        .execute("update users set password_hash = null");
    let browser = place.app.visitor();
    let trip = set_out(&browser, "acme", &place.google).await;
    let claims = place.claims(&place.google, &trip);
    place.google.grant("code", jwt::signed(&claims));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    assert_eq!(
        come_back(&browser, &place.google, &fields).await.status,
        303
    );
    for _ in 0..3 {
        place.app.clock.advance(Duration::from_mins(40));
        assert_eq!(browser.get("/w/default/").await.status, 200);
    }
    browser
}

async fn leave(browser: &Caller, forger: &Forger) -> Trip {
    let asked = browser.get(WANTED).await;
    let page = browser.get(asked.location()).await;
    let provider = forger.provider.as_str();
    let action = format!("/confirm-identity/{provider}");
    let form = format!("form[action='{action}']");
    let csrf = page.attribute(&format!("{form} input[name=csrf]"), "value");
    let next = page.attribute(&format!("{form} input[name=next]"), "value");
    let fields = [("csrf", csrf.as_str()), ("next", next.as_str())];
    let trip = Trip::of(&browser.post(&action, &fields).await);
    assert_eq!(trip.question["prompt"], "login");
    assert_eq!(trip.question["max_age"], "0");
    trip
}

async fn confirm(place: &Place, browser: &Caller, forger: &Forger, said: Value) -> Page {
    let trip = leave(browser, forger).await;
    let mut claims = place.claims(forger, &trip);
    for (name, value) in said.as_object().unwrap() {
        claims[name] = value.clone();
    }
    forger.grant("code", jwt::signed(&claims));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    come_back(browser, forger, &fields).await
}

#[tokio::test]
async fn who_has_no_password_confirms_by_the_provider() {
    let place = Place::new();
    let owner = owner(&place).await;
    let asked = owner.get(WANTED).await;
    let page = owner.get(asked.location()).await;
    assert!(
        !page.has("input[name=password]"),
        "there is none to ask for"
    );
    assert_eq!(page.texts("[data-provider]").len(), 2);
    let now = place.app.clock.now().timestamp();
    let last = last_noted(&place.app.db);
    let page = confirm(&place, &owner, &place.google, json!({ "auth_time": now })).await;
    assert_eq!(noted_after(&place.app.db, last), "session.confirmed");
    assert_eq!(
        (page.status, page.location()),
        (303, WANTED),
        "{}",
        page.text
    );
    assert_eq!(owner.get(WANTED).await.status, 200);
}

#[tokio::test]
async fn an_old_proof_and_a_strangers_confirm_nothing() {
    let place = Place::new();
    let owner = owner(&place).await;
    let old = (place.app.clock.now() - TimeDelta::minutes(5)).timestamp();
    let page = confirm(&place, &owner, &place.google, json!({ "auth_time": old })).await;
    assert_eq!(
        (page.status, page.one("h1").as_str()),
        (403, "You are not confirmed")
    );
    let page = confirm(&place, &owner, &place.google, json!({ "sub": "mallory" })).await;
    assert_eq!(page.status, 403);
    // Somebody else's, who is known here.
    place.app.account("globex");
    place.link("owner@globex.example", &place.google, "globex");
    let page = confirm(&place, &owner, &place.google, json!({ "sub": "globex" })).await;
    assert_eq!(page.status, 403);
    assert_eq!(owner.get(WANTED).await.status, 303, "nothing is confirmed");
    // Nor in another session, whatever it proves.
    let trip = leave(&owner, &place.google).await;
    let claims = place.claims(&place.google, &trip);
    place.google.grant("code", jwt::signed(&claims));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    let other = place.app.visitor();
    assert_eq!(come_back(&other, &place.google, &fields).await.status, 400);
}

#[tokio::test]
async fn only_what_is_linked_is_offered_and_of_a_required_provider_only_that() {
    let place = Place::new();
    let owner = owner(&place).await;
    let asked = owner.get(WANTED).await;
    place.app.db.execute(
        "insert into sign_in_rules (account_id, second_factor_required, required_provider, changed_at)
         select id, false, 'google', now() from accounts",
    );
    let page = owner.get(asked.location()).await;
    assert_eq!(page.texts("[data-provider]"), ["Continue with Google"]);
    let csrf = page.attribute("input[name=csrf]", "value");
    let sent = owner
        .post("/confirm-identity/microsoft", &[("csrf", &csrf)])
        .await;
    assert_eq!(sent.location(), "/confirm-identity");
}
