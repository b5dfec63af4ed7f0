//! Linking and removing a sign-in at a provider, by the person whose it is.

use std::time::Duration;

use serde_json::json;

use super::Place;
use super::Trip;
use super::come_back;
use super::set_out;
use crate::support::callers::Caller;
use crate::support::forger::Forger;
use crate::support::forger::jwt;
use crate::support::html::Page;
use crate::support::rows::number;

const PAGE: &str = "/me/security/sign-ins";

/// Presses the provider's button on one's own page.
async fn set_out_to_link(person: &Caller, forger: &Forger) -> Trip {
    let page = person.get(PAGE).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&super::forger_base(forger)), "{policy}");
    let csrf = page.attribute("form.provider input[name=csrf]", "value");
    let action = format!("{PAGE}/link/{}", forger.provider.as_str());
    Trip::of(&person.post(&action, &[("csrf", &csrf)]).await)
}

async fn link(place: &Place, person: &Caller, forger: &Forger, subject: &str) -> Page {
    let trip = set_out_to_link(person, forger).await;
    let mut claims = place.claims(forger, &trip);
    claims["sub"] = json!(subject);
    forger.grant("code", jwt::signed(&claims));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    let page = come_back(person, forger, &fields).await;
    assert_eq!((page.status, page.location()), (303, PAGE), "{}", page.text);
    person.get(PAGE).await
}

async fn sign_in(place: &Place, forger: &Forger, subject: &str) -> u16 {
    let browser = place.app.visitor();
    let trip = set_out(&browser, "acme", forger).await;
    let mut claims = place.claims(forger, &trip);
    claims["sub"] = json!(subject);
    forger.grant("code", jwt::signed(&claims));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    come_back(&browser, forger, &fields).await.status
}

async fn owner(place: &Place) -> Caller {
    let person = place.app.visitor();
    person.sign_in("acme", "owner@acme.example").await;
    person
}

fn identities(place: &Place) -> i64 {
    number(&place.app.db, "select count(*) from identities")
}

fn audited(place: &Place, action: &str) -> i64 {
    let sql = format!(
        "select count(*) from audit_log where action = '{action}' and actor_label = \
         'owner@acme.example' and account_id is not null"
    );
    number(&place.app.db, &sql)
}

#[tokio::test]
async fn what_a_person_links_signs_them_in_until_they_remove_it() {
    let place = Place::new();
    place.app.db.execute("delete from identities");
    let person = owner(&place).await;
    let page = person.get(PAGE).await;
    assert!(page.one("main").contains("None is linked yet."));
    let forger = &place.microsoft;
    assert_eq!(sign_in(&place, forger, "ada").await, 403);

    let page = link(&place, &person, forger, "ada").await;
    assert!(page.text.contains("You can sign in with Microsoft now."));
    assert_eq!(page.one("[data-column=email]"), "ada@home.example");
    assert_eq!(page.one("[data-column=last-used]"), "Never used");
    assert_eq!(audited(&place, "identity.linked"), 1);
    assert_eq!(sign_in(&place, forger, "ada").await, 303);

    let page = link(&place, &person, forger, "ada").await;
    assert!(page.text.contains("was linked already"));
    assert_eq!(identities(&place), 1);

    let page = person.get(PAGE).await;
    let action = page.attribute("#sign-ins form", "action");
    let csrf = page.attribute("#sign-ins form input[name=csrf]", "value");
    let answer = person.post(&action, &[("csrf", &csrf)]).await;
    assert_eq!((answer.status, answer.location()), (303, PAGE));
    assert_eq!(
        (identities(&place), audited(&place, "identity.unlinked")),
        (0, 1)
    );
    // The session that began there has ended, the one that asks goes on.
    assert_eq!(place.sessions(), 1);
    assert_eq!(person.get(PAGE).await.status, 200);
    assert_eq!(sign_in(&place, forger, "ada").await, 403);
    let page = {
        person.post(&action, &[("csrf", &csrf)]).await;
        person.get(PAGE).await
    };
    assert!(page.text.contains("not linked to you any more"));
}

#[tokio::test]
async fn somebody_elses_identity_is_refused_without_saying_whose() {
    let place = Place::new();
    let umbrella = place.app.owner("umbrella").await;
    let page = link(&place, &umbrella, &place.google, super::SUBJECT).await;
    assert!(page.text.contains("linked to somebody else here"));
    assert!(!page.text.contains("owner@acme.example"));
    assert_eq!(identities(&place), 2);
}

#[tokio::test]
async fn nobody_removes_what_is_anothers() {
    let place = Place::new();
    let umbrella = place.app.owner("umbrella").await;
    let id = crate::support::rows::text(
        &place.app.db,
        "select id::text as line from identities limit 1",
    );
    let page = umbrella.get(PAGE).await;
    let csrf = page.attribute("form.provider input[name=csrf]", "value");
    for id in [id.as_str(), "x", "00000000-0000-0000-0000-000000000000"] {
        let action = format!("{PAGE}/{id}/unlink");
        umbrella.post(&action, &[("csrf", &csrf)]).await;
        let page = umbrella.get(PAGE).await;
        assert!(page.text.contains("not linked to you any more"), "{id}");
    }
    assert_eq!(identities(&place), 2);
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    let place = Place::new();
    let person = owner(&place).await;
    place
        .app
        .db
        .execute("update users set password_hash = null");
    let remove = async || {
        let page = person.get(PAGE).await;
        let action = page.attribute("#sign-ins form", "action");
        let csrf = page.attribute("#sign-ins form input[name=csrf]", "value");
        person.post(&action, &[("csrf", &csrf)]).await;
        person.get(PAGE).await
    };
    remove().await;
    assert_eq!(identities(&place), 1);
    assert!(remove().await.text.contains("only way to sign in"));
    assert_eq!(identities(&place), 1);
}

/// Nobody can be made to link an attacker's account: the way back belongs to one session.
#[tokio::test]
async fn a_link_that_another_session_began_is_refused() {
    let place = Place::new();
    let (victim, attacker) = (owner(&place).await, place.app.owner("umbrella").await);
    let forger = &place.google;
    for browser in [&victim, &place.app.visitor()] {
        let trip = set_out_to_link(&attacker, forger).await;
        let mut claims = place.claims(forger, &trip);
        claims["sub"] = json!("attacker");
        forger.grant("code", jwt::signed(&claims));
        let fields = [("code", "code"), ("state", trip.state.as_str())];
        let page = come_back(browser, forger, &fields).await;
        assert_eq!(page.status, 400);
        assert_eq!(page.one("h1"), "Nothing was linked");
    }
    // Nor does the state of a sign-in link anything to whoever is signed in.
    let trip = set_out(&place.app.visitor(), "acme", forger).await;
    let mut claims = place.claims(forger, &trip);
    claims["sub"] = json!("attacker");
    forger.grant("code", jwt::signed(&claims));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    assert_eq!(come_back(&victim, forger, &fields).await.status, 400);
    assert_eq!(identities(&place), 2);
}

#[tokio::test]
async fn only_so_many_sign_ins_can_be_linked() {
    let place = Place::new();
    let person = owner(&place).await;
    for number in 0..8 {
        link(&place, &person, &place.google, &format!("more {number}")).await;
    }
    assert_eq!(identities(&place), 10);
    let page = link(&place, &person, &place.google, "one too many").await;
    assert!(page.text.contains("At most 10 sign-ins"));
    assert_eq!(identities(&place), 10);
}

#[tokio::test]
async fn an_old_proof_of_who_somebody_is_changes_no_way_to_sign_in() {
    let place = Place::new();
    let person = owner(&place).await;
    for _ in 0..4 {
        // In use all the while.
        place.app.clock.advance(Duration::from_mins(30));
        assert_eq!(person.get(PAGE).await.status, 200);
    }
    let page = person.get(PAGE).await;
    let csrf = page.attribute("form.provider input[name=csrf]", "value");
    let remove = page.attribute("#sign-ins form", "action");
    for action in [format!("{PAGE}/link/google"), remove] {
        let answer = person.post(&action, &[("csrf", &csrf)]).await;
        assert_eq!(answer.status, 303);
        assert!(
            answer.location().starts_with("/confirm-identity"),
            "{action}"
        );
    }
    let pending = "select count(*) from pending_sign_ins";
    assert_eq!((number(&place.app.db, pending), identities(&place)), (0, 2));
}
