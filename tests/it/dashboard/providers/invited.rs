//! Accepting an invitation by a provider that vouches for the address.

use serde_json::Value;
use serde_json::json;

use super::Place;
use super::Trip;
use super::come_back;
use crate::support::callers::Caller;
use crate::support::forger::Forger;
use crate::support::forger::jwt;
use crate::support::html::Page;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;
use crate::support::rows::number;
use crate::support::rows::text;

const GRACE: &str = "grace@new.example";

/// The path of the link by which `email` is invited to Acme.
async fn invite(place: &Place, email: &str) -> String {
    let owner = place.app.visitor();
    owner.sign_in("acme", "owner@acme.example").await;
    let fields = [("email", email), ("role", "member")];
    let page = owner.submit("/account/members/invite", &fields).await;
    let link = page.attribute("#link", "value");
    link[link.find("/invitation").unwrap()..].to_owned()
}

/// Presses the button of `forger` on the invitation's page.
async fn set_out(browser: &Caller, link: &str, forger: &Forger) -> Trip {
    let page = browser.get(link).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&super::forger_base(forger)), "{policy}");
    let form = format!("form[action*='/{}?token=']", forger.provider.as_str());
    let action = page.attribute(&form, "action");
    let csrf = page.attribute(&format!("{form} input[name=csrf]"), "value");
    Trip::of(&browser.post(&action, &[("csrf", &csrf)]).await)
}

/// As somebody of whom the provider says `claims`.
async fn accept(
    place: &Place,
    (browser, link): (&Caller, &str),
    forger: &Forger,
    said: Value,
) -> Page {
    let trip = set_out(browser, link, forger).await;
    let mut claims = place.claims(forger, &trip);
    for (name, value) in said.as_object().unwrap() {
        claims[name] = value.clone();
    }
    forger.grant("code", jwt::signed(&claims));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    come_back(browser, forger, &fields).await
}

fn grace() -> Value {
    json!({ "sub": "grace", "email": "Grace@New.example", "email_verified": true })
}

fn members(place: &Place) -> i64 {
    number(&place.app.db, "select count(*) from memberships")
}

fn identities(place: &Place) -> i64 {
    number(&place.app.db, "select count(*) from identities")
}

#[tokio::test]
async fn somebody_new_joins_by_the_provider_and_is_signed_in() {
    let place = Place::new();
    let link = invite(&place, GRACE).await;
    let browser = place.app.visitor();
    let page = accept(&place, (&browser, &link), &place.google, grace()).await;
    let asked = "/me/profile?joined=1";
    assert_eq!(
        (page.status, page.location()),
        (303, asked),
        "{}",
        page.text
    );
    let page = browser.get(asked).await;
    assert_eq!(page.one("h1"), "What is your name?");
    assert_eq!(page.attribute("#name", "value"), "", "none was told");
    let nameless = browser
        .fill_in(&page, &[("joined", "1"), ("name", " ")])
        .await;
    assert_eq!((nameless.status, nameless.one("h1")), (422, page.one("h1")));
    let named = browser
        .fill_in(&page, &[("joined", "1"), ("name", "Grace")])
        .await;
    assert_eq!((named.status, named.location()), (303, "/"));
    let page = browser.get("/me/profile").await;
    assert_eq!(page.attribute("#name", "value"), "Grace");
    assert_eq!(page.one("h1"), "Your profile");
    assert_eq!((members(&place), identities(&place)), (2, 3));
    let sql = "select string_agg(action, ' ' order by id) as line from audit_log
        where actor_label = 'grace@new.example' and account_id is not null";
    let done = text(&place.app.db, sql);
    assert_eq!(
        done,
        "member.added invitation.accepted identity.linked session.started"
    );
    let password = "select count(*) from users where password_hash is not null
        and email = 'grace@new.example'";
    assert_eq!(number(&place.app.db, password), 0);
    assert_eq!(
        place.app.visitor().get(&link).await.status,
        404,
        "it works once"
    );
}

#[tokio::test]
async fn the_name_that_the_provider_tells_is_offered() {
    let place = Place::new();
    for (email, said, offered) in [
        ("ada@new.example", "  Ada Byron ", "Ada Byron"),
        ("bob@new.example", "Bob\u{0}", ""),
        ("eve@new.example", "<b>Eve</b>", "<b>Eve</b>"),
    ] {
        let link = invite(&place, email).await;
        let browser = place.app.visitor();
        let claims = json!({
            "sub": email, "email": email, "email_verified": true, "name": said,
        });
        let page = accept(&place, (&browser, &link), &place.google, claims).await;
        let page = browser.get(page.location()).await;
        assert_eq!(page.attribute("#name", "value"), offered);
    }
}

#[tokio::test]
async fn an_address_that_is_another_or_not_vouched_for_opens_nothing() {
    let place = Place::new();
    let link = invite(&place, GRACE).await;
    let mut unverified = grace();
    unverified["email_verified"] = json!(false);
    let mut silent = grace();
    silent["email_verified"] = Value::Null;
    let mut other = grace();
    other["email"] = json!("mallory@new.example");
    let mut named = silent.clone();
    named["email"] = Value::Null;
    named["preferred_username"] = json!(GRACE);
    for forger in [&place.google, &place.microsoft] {
        for said in [&unverified, &silent, &other, &named] {
            let browser = place.app.visitor();
            let page = accept(&place, (&browser, &link), forger, said.clone()).await;
            assert_eq!(page.status, 403, "{said} {}", page.text);
            assert_eq!(page.one("h1"), "You have not joined");
        }
    }
    // Google does not say who owns a domain.
    let mut owned = unverified;
    owned["xms_edov"] = json!(true);
    let browser = place.app.visitor();
    let page = accept(&place, (&browser, &link), &place.google, owned.clone()).await;
    assert_eq!(page.status, 403);
    assert_eq!((members(&place), identities(&place)), (1, 2));
    assert_eq!(
        place.app.visitor().get(&link).await.status,
        200,
        "still open"
    );
    // Microsoft does.
    let page = accept(&place, (&browser, &link), &place.microsoft, owned).await;
    assert_eq!(page.status, 303);
    assert_eq!((members(&place), identities(&place)), (2, 3));
}

#[tokio::test]
async fn whoever_is_known_here_signs_in_first_and_is_never_linked_by_the_address() {
    let place = Place::new();
    place.app.account("globex");
    let link = invite(&place, "owner@globex.example").await;
    let said = json!({ "sub": "g", "email": "owner@globex.example", "email_verified": true });
    let browser = place.app.visitor();
    let page = accept(&place, (&browser, &link), &place.google, said.clone()).await;
    assert_eq!(page.status, 403);
    assert!(
        page.one("#refusal")
            .contains("is known at Latchkey already")
    );
    assert_eq!((members(&place), identities(&place)), (2, 2));

    // Nor by an identity that is somebody else's.
    let mut theirs = said.clone();
    theirs["sub"] = json!(super::SUBJECT);
    let page = accept(&place, (&browser, &link), &place.google, theirs).await;
    assert_eq!(page.status, 403);
    assert_eq!((members(&place), identities(&place)), (2, 2));

    // By their own, linked before, they join at once.
    place.link("owner@globex.example", &place.google, "g");
    let page = accept(&place, (&browser, &link), &place.google, said).await;
    assert_eq!((page.status, page.location()), (303, "/"));
    assert_eq!((members(&place), identities(&place)), (3, 3));
}

#[tokio::test]
async fn an_account_that_requires_a_provider_is_joined_by_it_only() {
    let place = Place::new();
    let link = invite(&place, GRACE).await;
    place.app.db.execute(
        "insert into sign_in_rules (account_id, second_factor_required, required_provider, changed_at)
         select id, false, 'google', now() from accounts",
    );
    let browser = place.app.visitor();
    let page = browser.get(&link).await;
    assert_eq!(page.texts("[data-provider]"), ["Join with Google"]);
    assert!(page.one("#required").contains("signs in with Google only"));
    assert!(!page.has("input[type=password]"));
    let csrf = page.attribute("input[name=csrf]", "value");
    let password = ("password", "nine violet lanterns hum");
    let fields = [("csrf", csrf.as_str()), ("name", "Grace"), password];
    assert_eq!(browser.post(&link, &fields).await.status, 422);
    let other = link.replacen("/invitation", "/invitation/with/microsoft", 1);
    let sent = browser.post(&other, &[("csrf", &csrf)]).await;
    assert_eq!(sent.location(), link);
    assert_eq!(members(&place), 1);
    let page = accept(&place, (&browser, &link), &place.google, grace()).await;
    assert_eq!(
        (page.status, page.location()),
        (303, "/me/profile?joined=1")
    );
    assert_eq!(browser.get("/me/profile").await.status, 200);
}

#[tokio::test]
async fn who_is_signed_in_links_the_required_sign_in_by_joining() {
    let place = Place::new();
    let globex = place.app.owner("globex").await;
    let link = invite(&place, "owner@globex.example").await;
    place.app.db.execute(
        "insert into sign_in_rules (account_id, second_factor_required, required_provider, changed_at)
         select id, false, 'google', now() from accounts where domain = 'acme'",
    );
    let said = json!({ "sub": "g", "email": "owner@globex.example", "email_verified": true });
    let last = last_noted(&place.app.db);
    let page = accept(&place, (&globex, &link), &place.google, said).await;
    assert_eq!(
        noted_after(&place.app.db, last),
        "identity.linked invitation.accepted member.added session.ended session.started"
    );
    assert_eq!((page.status, page.location()), (303, "/"), "{}", page.text);
    assert!(globex.get("/me/profile").await.text.contains("acme Ltd"));
    assert_eq!((members(&place), identities(&place)), (3, 3));
}

#[tokio::test]
async fn the_way_back_belongs_to_the_browser_that_left() {
    let place = Place::new();
    let link = invite(&place, GRACE).await;
    let trip = set_out(&place.app.visitor(), &link, &place.google).await;
    let mut claims = place.claims(&place.google, &trip);
    claims["sub"] = json!("grace");
    claims["email"] = json!(GRACE);
    place.google.grant("code", jwt::signed(&claims));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    let page = come_back(&place.app.visitor(), &place.google, &fields).await;
    assert_eq!((page.status, members(&place)), (400, 1));
}
