//! A22: whatever a forger makes of an answer, nobody is signed in by it.

use std::time::Duration;

use serde_json::json;

use super::Place;
use super::Trip;
use super::come_back;
use super::forgeries::ANOTHER_TENANT;
use super::forgeries::FORGERIES;
use super::forgeries::SOMEBODY_ELSE;
use super::forgeries::TENANT_FORGERIES;
use super::forgeries::with;
use super::set_out;
use crate::support::forger::Forger;
use crate::support::forger::jwt;
use crate::support::forger::jwt::OWN;

async fn try_token(place: &Place, forger: &Forger, forge: impl FnOnce(&Trip) -> String) -> u16 {
    let browser = place.app.visitor();
    let trip = set_out(&browser, "acme", forger).await;
    forger.grant("code", forge(&trip));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    come_back(&browser, forger, &fields).await.status
}

#[tokio::test]
async fn no_forged_token_signs_anybody_in() {
    let place = Place::new();
    for forger in [&place.google, &place.microsoft] {
        let own = if forger.provider == place.microsoft.provider {
            &TENANT_FORGERIES[..]
        } else {
            &[]
        };
        for (name, forge) in FORGERIES.iter().chain(own) {
            let status = try_token(&place, forger, |trip| {
                forge(forger, place.claims(forger, trip))
            })
            .await;
            // What is no forgery but another identity is nobody here.
            let wanted = if *name == SOMEBODY_ELSE { 403 } else { 400 };
            assert_eq!(status, wanted, "{name}");
            assert_eq!(place.sessions(), 0, "{name} signed somebody in");
        }
        // The same way, with nothing forged.
        let status = try_token(&place, forger, |trip| {
            jwt::signed(&place.claims(forger, trip))
        })
        .await;
        assert_eq!((status, place.sessions()), (303, 1));
        place.app.db.execute("delete from sessions");
    }
}

#[tokio::test]
async fn a_key_that_microsoft_publishes_for_one_tenant_signs_for_no_other() {
    let place = Place::new();
    let forger = &place.microsoft;
    let mut key = jwt::published(OWN);
    key["issuer"] = json!(forger.issuer_of(ANOTHER_TENANT));
    forger.set_keys(&[key.clone()]);
    let honest = |trip: &Trip| jwt::signed(&place.claims(forger, trip));
    assert_eq!(try_token(&place, forger, honest).await, 400);
    key["issuer"] = json!(forger.issuer_of("{tenantid}"));
    forger.set_keys(&[key]);
    place.app.clock.advance(Duration::from_hours(2));
    assert_eq!(try_token(&place, forger, honest).await, 303);
}

/// Whoever the provider says has a member's address is not that member: such claims can be had.
#[tokio::test]
async fn an_address_links_nobody_verified_or_not() {
    let place = Place::new();
    for (verified, email) in [
        (json!(true), "owner@acme.example"),
        (json!(false), "owner@acme.example"),
        (json!(null), "Owner@ACME.example"),
        (json!("true"), "owner@acme.example"),
    ] {
        let status = try_token(&place, &place.google, |trip| {
            let claims = place.claims(&place.google, trip);
            let claims = with(claims, "sub", "somebody else");
            let claims = with(claims, "email", email);
            jwt::signed(&with(claims, "email_verified", verified.clone()))
        })
        .await;
        assert!(matches!(status, 400 | 403), "{verified}: {status}");
        assert_eq!(place.sessions(), 0, "{email} {verified}");
    }
    let linked = "select count(*) from identities";
    assert_eq!(crate::support::rows::number(&place.app.db, linked), 2);
}

#[tokio::test]
async fn a_code_of_somebody_elses_sign_in_is_worth_nothing() {
    let place = Place::new();
    let forger = &place.google;
    let (victim, attacker) = (place.app.visitor(), place.app.visitor());
    let stolen = set_out(&victim, "acme", forger).await;
    let own = set_out(&attacker, "acme", forger).await;
    let token = jwt::signed(&place.claims(forger, &stolen));
    // An honest provider gives the token to the browser that asked for it.
    forger.grant_for("stolen", token.clone(), Some(stolen.challenge.clone()));
    let fields = [("code", "stolen"), ("state", own.state.as_str())];
    assert_eq!(come_back(&attacker, forger, &fields).await.status, 400);
    // And if it did not care, the token would say whose it is.
    let own = set_out(&attacker, "acme", forger).await;
    forger.grant("stolen", token);
    let fields = [("code", "stolen"), ("state", own.state.as_str())];
    assert_eq!(come_back(&attacker, forger, &fields).await.status, 400);
    assert_eq!(place.sessions(), 0);
}

#[tokio::test]
async fn a_state_is_good_once_for_ten_minutes_in_its_own_browser() {
    let place = Place::new();
    let forger = &place.google;
    let (browser, other) = (place.app.visitor(), place.app.visitor());
    let trip = set_out(&browser, "acme", forger).await;
    forger.grant("code", jwt::signed(&place.claims(forger, &trip)));
    let fields = [("code", "code"), ("state", trip.state.as_str())];

    // Another browser, one with a cookie of its own: the state is spent all the same.
    set_out(&other, "acme", forger).await;
    assert_eq!(come_back(&other, forger, &fields).await.status, 400);
    assert_eq!(come_back(&browser, forger, &fields).await.status, 400);
    assert_eq!(place.sessions(), 0);

    // Twice.
    let trip = set_out(&browser, "acme", forger).await;
    forger.grant("code", jwt::signed(&place.claims(forger, &trip)));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    assert_eq!(come_back(&browser, forger, &fields).await.status, 303);
    place.app.db.execute("delete from sessions");
    assert_eq!(come_back(&browser, forger, &fields).await.status, 400);
    assert_eq!(place.sessions(), 0);

    // Too late.
    let trip = set_out(&browser, "acme", forger).await;
    place.app.clock.advance(Duration::from_mins(10));
    forger.grant("code", jwt::signed(&place.claims(forger, &trip)));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    assert_eq!(come_back(&browser, forger, &fields).await.status, 400);

    // Made up, empty, missing, twice in one address.
    let trip = set_out(&browser, "acme", forger).await;
    let state = trip.state.as_str();
    forger.grant("code", jwt::signed(&place.claims(forger, &trip)));
    let made_up = "A".repeat(43);
    for fields in [
        &[("code", "code"), ("state", made_up.as_str())][..],
        &[("code", "code"), ("state", "")],
        &[("code", "code")],
        &[("code", "code"), ("state", state), ("state", state)],
    ] {
        assert_eq!(come_back(&browser, forger, fields).await.status, 400);
    }
    assert_eq!(place.sessions(), 0);
}

#[tokio::test]
async fn an_answer_of_one_provider_is_not_taken_for_the_others() {
    let place = Place::new();
    let (google, microsoft) = (&place.google, &place.microsoft);
    let browser = place.app.visitor();

    // Back by the other's address: the code goes to neither.
    let trip = set_out(&browser, "acme", google).await;
    let token = jwt::signed(&place.claims(google, &trip));
    google.grant("mixed", token.clone());
    microsoft.grant("mixed", token);
    let fields = [("code", "mixed"), ("state", trip.state.as_str())];
    assert_eq!(come_back(&browser, microsoft, &fields).await.status, 400);

    // Back by its own, and said to be another's (RFC 9207).
    for issuer in [microsoft.token_issuer(), "https://evil.example".to_owned()] {
        let trip = set_out(&browser, "acme", google).await;
        google.grant("mixed", jwt::signed(&place.claims(google, &trip)));
        let state = trip.state.as_str();
        let fields = [
            ("code", "mixed"),
            ("state", state),
            ("iss", issuer.as_str()),
        ];
        assert_eq!(come_back(&browser, google, &fields).await.status, 400);
    }
    assert!(google.redeemed().is_empty() && microsoft.redeemed().is_empty());

    // One tenant's answer with another's token.
    let trip = set_out(&browser, "acme", microsoft).await;
    microsoft.grant("mixed", jwt::signed(&place.claims(microsoft, &trip)));
    let issuer = microsoft.issuer_of(ANOTHER_TENANT);
    let state = trip.state.as_str();
    let fields = [
        ("code", "mixed"),
        ("state", state),
        ("iss", issuer.as_str()),
    ];
    assert_eq!(come_back(&browser, microsoft, &fields).await.status, 400);
    assert_eq!(place.sessions(), 0);

    // Rightly named, it is taken.
    for forger in [google, microsoft] {
        let browser = place.app.visitor();
        let trip = set_out(&browser, "acme", forger).await;
        forger.grant("right", jwt::signed(&place.claims(forger, &trip)));
        let issuer = forger.token_issuer();
        let state = trip.state.as_str();
        let fields = [
            ("code", "right"),
            ("state", state),
            ("iss", issuer.as_str()),
        ];
        assert_eq!(come_back(&browser, forger, &fields).await.status, 303);
    }
}

#[tokio::test]
async fn a_provider_that_names_itself_in_its_answers_always_does() {
    let place = Place::new();
    let forger = &place.google;
    forger.set_metadata(
        "authorization_response_iss_parameter_supported",
        json!(true),
    );
    let honest = |trip: &Trip| jwt::signed(&place.claims(forger, trip));
    assert_eq!(try_token(&place, forger, honest).await, 400);
    assert!(forger.redeemed().is_empty());
}

#[tokio::test]
async fn the_time_of_the_token_is_judged_by_our_clock() {
    let place = Place::new();
    let status = try_token(&place, &place.google, |trip| {
        let claims = place.claims(&place.google, trip);
        place.app.clock.advance(Duration::from_mins(5));
        jwt::signed(&claims)
    })
    .await;
    assert_eq!((status, place.sessions()), (400, 0));
}
