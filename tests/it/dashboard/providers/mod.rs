//! Sign-in with Google and Microsoft, against a provider that signs whatever it is told.

mod confirm;
mod forged;
mod forgeries;
mod invited;
mod link;
mod required;
mod sign_in;

use std::collections::HashMap;

use latchkey::config::OidcConfig;
use latchkey::db::identities;
use latchkey::domain::actor::Actor;
use latchkey::domain::clock::Clock;
use latchkey::domain::identity::Identity;
use latchkey::domain::person::UserId;
use latchkey::domain::random::OsRandom;
use serde_json::Value;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::callers::Caller;
use crate::support::forger::CLIENT;
use crate::support::forger::Forger;
use crate::support::forger::TENANT;
use crate::support::html::Page;
use crate::support::rows::number;

/// Whom the provider knows Acme's owner as.
const SUBJECT: &str = "subject-of-ada";

/// An installation with one account, whose owner has linked a sign-in at both providers.
struct Place {
    app: TestApp,
    google: Forger,
    microsoft: Forger,
}

impl Place {
    fn new() -> Self {
        let (google, microsoft) = (Forger::google(), Forger::microsoft());
        let clients = vec![google.client(), microsoft.client()];
        let app = TestApp::spawn_with_providers(&OidcConfig { clients });
        app.account("acme");
        let place = Self {
            app,
            google,
            microsoft,
        };
        for forger in [&place.google, &place.microsoft] {
            place.link("owner@acme.example", forger, SUBJECT);
        }
        place
    }

    fn user(&self, email: &str) -> UserId {
        let mut conn = self.app.db.connection();
        let email = email.parse().unwrap();
        let found = latchkey::db::users::find_candidate(&mut conn, &email).unwrap();
        found.unwrap().id
    }

    fn link(&self, email: &str, forger: &Forger, subject: &str) {
        let issuer = forger.token_issuer();
        let identity = Identity::new(forger.provider, (&issuer, subject), None).unwrap();
        let (mut conn, actor) = (self.app.db.connection(), Actor::system("test"));
        let now = self.app.clock.now();
        let whose = (self.user(email), None);
        identities::link(&mut conn, &actor, now, &OsRandom, (whose, &identity)).unwrap();
    }

    /// Claims that an honest provider would sign now.
    fn claims(&self, forger: &Forger, trip: &Trip) -> Value {
        let now = self.app.clock.now().timestamp();
        let mut claims = json!({
            "iss": forger.token_issuer(), "sub": SUBJECT, "aud": CLIENT, "nonce": trip.nonce,
            "iat": now, "exp": now + 300, "email": "ada@home.example", "email_verified": true,
        });
        if forger.issuer.ends_with("/common/v2.0") {
            claims["tid"] = json!(TENANT);
        }
        claims
    }

    /// Sessions of people who are signed in.
    fn sessions(&self) -> i64 {
        number(&self.app.db, "select count(*) from sessions")
    }
}

/// What the provider learns when a browser is sent to it.
struct Trip {
    state: String,
    nonce: String,
    challenge: String,
    question: HashMap<String, String>,
}

impl Trip {
    fn of(sent: &Page) -> Self {
        assert_eq!(sent.status, 303, "{}", sent.text);
        let url: url::Url = sent.location().parse().unwrap();
        let question: HashMap<String, String> = url.query_pairs().into_owned().collect();
        Self {
            state: question["state"].clone(),
            nonce: question["nonce"].clone(),
            challenge: question["code_challenge"].clone(),
            question,
        }
    }
}

/// Presses the provider's button on the sign-in page of `domain`.
async fn set_out(browser: &Caller, domain: &str, forger: &Forger) -> Trip {
    let sent = press(browser, domain, forger).await;
    assert!(sent.location().starts_with(&forger_base(forger)));
    Trip::of(&sent)
}

async fn press(browser: &Caller, domain: &str, forger: &Forger) -> Page {
    let page = browser.get(&format!("/sign-in/{domain}")).await;
    let csrf = page.attribute("main form input[name=csrf]", "value");
    let action = format!("/sign-in/{domain}/{}", forger.provider.as_str());
    browser.post(&action, &[("csrf", &csrf)]).await
}

fn forger_base(forger: &Forger) -> String {
    let url: url::Url = forger.issuer.parse().unwrap();
    url.origin().ascii_serialization()
}

/// The provider sends the browser back.
async fn come_back(browser: &Caller, forger: &Forger, fields: &[(&str, &str)]) -> Page {
    let query = crate::support::callers::encoded(fields);
    let provider = forger.provider.as_str();
    browser
        .get(&format!("/oidc/{provider}/callback?{query}"))
        .await
}
