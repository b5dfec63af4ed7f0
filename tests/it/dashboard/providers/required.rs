//! An account that lets its people in by one provider only.

use latchkey::domain::role::WorkspaceRole;

use super::Place;
use super::come_back;
use super::set_out;
use crate::support::app::PASSWORD;
use crate::support::callers::Caller;
use crate::support::forger::Forger;
use crate::support::forger::jwt;
use crate::support::html::Page;
use crate::support::rows::number;

const RULES: &str = "/account/settings/sign-in";

async fn by_password(place: &Place, email: &str) -> Caller {
    let person = place.app.visitor();
    person.sign_in("acme", email).await;
    person
}

async fn by_provider(place: &Place, browser: &Caller, forger: &Forger) -> u16 {
    let trip = set_out(browser, "acme", forger).await;
    forger.grant("code", jwt::signed(&place.claims(forger, &trip)));
    let fields = [("code", "code"), ("state", trip.state.as_str())];
    come_back(browser, forger, &fields).await.status
}

async fn require(owner: &Caller, provider: &str) -> Page {
    owner
        .submit(RULES, &[("required_provider", provider)])
        .await
}

fn is_signed_in(page: &Page) -> bool {
    !page.location().starts_with("/sign-in")
}

#[tokio::test]
async fn with_a_required_provider_nothing_else_leads_in_and_what_did_is_over() {
    let place = Place::new();
    let acme = latchkey::db::memberships::account_of(
        &mut place.app.db.connection(),
        place.user("owner@acme.example"),
        "acme",
    );
    let workspace = latchkey::domain::account::WorkspaceId(1);
    let account = acme.unwrap().unwrap();
    let dev = "dev@acme.example";
    place
        .app
        .member(account, workspace, dev, WorkspaceRole::Developer);
    let umbrella = place.app.owner("umbrella").await;
    let member = by_password(&place, dev).await;
    let (owner, by_microsoft) = (place.app.visitor(), place.app.visitor());
    assert_eq!(by_provider(&place, &owner, &place.google).await, 303);
    let other = by_provider(&place, &by_microsoft, &place.microsoft).await;
    assert_eq!(other, 303);

    let page = owner.get(RULES).await;
    let hint = page.one("#required_provider-google-hint");
    assert!(hint.starts_with("1 member has linked none yet"), "{hint}");
    let page = require(&owner, "google").await;
    assert_eq!(
        (page.status, page.location()),
        (303, RULES),
        "{}",
        page.text
    );

    // What began otherwise is over, what began there goes on.
    assert!(!is_signed_in(&member.get("/w/default/").await));
    assert!(!is_signed_in(&by_microsoft.get("/w/default/").await));
    assert_eq!(owner.get("/w/default/").await.status, 200);
    assert_eq!(umbrella.get("/w/default/").await.status, 200);

    // One button, and no form for a password.
    let visitor = place.app.visitor();
    let page = visitor.get("/sign-in/acme").await;
    assert_eq!(page.one("#required"), "acme signs in with Google only.");
    assert_eq!(page.texts("[data-provider]"), ["Continue with Google"]);
    assert!(!page.has("#password"));
    assert!(visitor.get("/sign-in/umbrella").await.has("#password"));

    // Right or wrong, a password is refused with the same words.
    let csrf = page.attribute("main form input[name=csrf]", "value");
    for password in [PASSWORD, "not the password at all"] {
        let fields = [
            ("csrf", csrf.as_str()),
            ("email", dev),
            ("password", password),
        ];
        let page = visitor.post("/sign-in/acme", &fields).await;
        assert_eq!(page.status, 422);
        assert_eq!(
            page.texts(".error-list li"),
            ["acme signs in with Google only."]
        );
    }
    // The other provider's button is gone, and pressed all the same it leads nowhere.
    assert_eq!(by_provider(&place, &visitor, &place.microsoft).await, 403);
    assert_eq!(
        by_provider(&place, &place.app.visitor(), &place.google).await,
        303
    );

    // Whatever way a session came about: it is not live.
    place.app.db.execute("update sessions set provider = null");
    assert!(!is_signed_in(&owner.get("/w/default/").await));
}

#[tokio::test]
async fn nobody_locks_themselves_out() {
    let place = Place::new();
    place
        .app
        .db
        .execute("delete from identities where provider = 'google'");
    let owner = by_password(&place, "owner@acme.example").await;
    let page = require(&owner, "google").await;
    assert_eq!(page.status, 422);
    assert!(
        page.one(".error-list")
            .contains("Link a sign-in of yours there first")
    );
    let rules = "select count(*) from sign_in_rules where required_provider is not null";
    assert_eq!(number(&place.app.db, rules), 0);
    assert_eq!(owner.get("/w/default/").await.status, 200);

    // Linked, and signed in by password: that session ends with the rule.
    assert_eq!(require(&owner, "microsoft").await.status, 303);
    assert!(!is_signed_in(&owner.get("/w/default/").await));
    assert_eq!(by_provider(&place, &owner, &place.microsoft).await, 303);

    // And lifted again, passwords lead in.
    assert_eq!(require(&owner, "none").await.status, 303);
    by_password(&place, "owner@acme.example").await;
    let noted = "select count(*) from audit_log where action = 'sign-in-rules.changed'";
    assert_eq!(number(&place.app.db, noted), 2);
}

#[tokio::test]
async fn the_required_sign_in_cannot_be_removed_by_whom_it_would_lock_out() {
    let place = Place::new();
    let owner = place.app.visitor();
    assert_eq!(by_provider(&place, &owner, &place.google).await, 303);
    assert_eq!(require(&owner, "google").await.status, 303);
    let page = owner.get("/me/security/sign-ins").await;
    let csrf = page.attribute("#sign-ins form input[name=csrf]", "value");
    let required = "select id::text as line from identities where provider = 'google'";
    let id = crate::support::rows::text(&place.app.db, required);
    let remove = format!("/me/security/sign-ins/{id}/unlink");
    owner.post(&remove, &[("csrf", &csrf)]).await;
    let page = owner.get("/me/security/sign-ins").await;
    assert!(page.text.contains("only way to sign in"));
    assert_eq!(page.texts("[data-column=provider]").len(), 2);
}
