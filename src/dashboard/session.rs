//! Sessions: kept in our database under the digest of their id, read with all their person may open.
//!
//! `Browser` is the only place that knows how they are laid out.

pub(super) mod code;
pub mod confirm;
pub(super) mod credentials;
pub mod forgot_password;
pub(super) mod new_password;
pub mod password;
pub(super) mod pending;
pub mod providers;
pub mod second_factor;
pub mod set_password;
pub mod set_up;
pub mod sign_in;
pub mod sign_out;
pub mod store;

use std::collections::HashMap;

use actix_session::Session;
use actix_session::SessionExt;
use actix_web::HttpRequest;
use actix_web::http::header;
use chrono::DateTime;
use chrono::Utc;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::crypto::token;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::kept_form::KeptForm;
use crate::db::sessions::CLIENT_LENGTH_MAX;
use crate::db::sessions::IdDigest;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::identity::Provider;
use crate::domain::person::UserId;
use crate::domain::random::Random;
use crate::domain::viewer::Viewer;

/// Written with the session's row.
const CSRF: &str = "csrf";
const FLASH: &str = "flash";
const KEPT_FORM: &str = "kept-form";
/// Only on the way between the store and us: who is signed in, the row's id, when they last proved
/// it, who signs in, the new id of a session that goes on.
pub(super) const VIEWER: &str = "viewer";
pub(super) const ID: &str = "id";
pub(super) const SIGN_IN: &str = "sign-in";
pub(super) const CONFIRMED: &str = "confirmed";
pub(super) const RENEWED: &str = "renewed";
pub(super) const LACKS_FACTOR: &str = "lacks-factor";
pub(super) const PASSING: [&str; 6] = [VIEWER, ID, SIGN_IN, CONFIRMED, RENEWED, LACKS_FACTOR];

/// What the store needs to make the session's row.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SignIn {
    pub user: UserId,
    pub account: Option<AccountId>,
    pub provider: Option<Provider>,
    pub email: String,
    pub ip: Option<std::net::IpAddr>,
    pub client: Option<String>,
    pub request_id: Option<String>,
}

/// What our server remembers of the browser that asks.
pub struct Browser {
    session: Session,
    /// What it calls itself.
    client: Option<String>,
}

impl Browser {
    pub fn of(request: &HttpRequest) -> Self {
        let client = request.headers().get(header::USER_AGENT);
        let client = client.and_then(|client| client.to_str().ok());
        Self {
            session: request.get_session(),
            client: client.map(|client| client.chars().take(CLIENT_LENGTH_MAX).collect()),
        }
    }

    pub fn viewer(&self) -> Result<Option<Viewer>, PageError> {
        self.get(VIEWER)
    }

    pub fn id(&self) -> Result<Option<IdDigest>, PageError> {
        self.get(ID)
    }

    /// When the person last proved who they are.
    pub fn confirmed_at(&self) -> Result<Option<DateTime<Utc>>, PageError> {
        self.get(CONFIRMED)
    }

    /// Whether the account asks for a second factor that the person has not set up.
    pub fn lacks_factor(&self) -> Result<bool, PageError> {
        Ok(self.get(LACKS_FACTOR)?.unwrap_or_default())
    }

    /// The token of this session's forms.
    pub fn csrf(&self) -> Result<Option<String>, PageError> {
        self.get(CSRF)
    }

    /// Signs a person in under a new id; whatever the browser held before is forgotten.
    pub fn start(
        &self,
        whose: (UserId, Option<AccountId>),
        actor: &Actor,
        random: &dyn Random,
    ) -> Result<(), PageError> {
        self.start_by(None, whose, actor, random)
    }

    /// As `start`, for somebody whom a provider has identified.
    pub fn start_by(
        &self,
        provider: Option<Provider>,
        (user, account): (UserId, Option<AccountId>),
        actor: &Actor,
        random: &dyn Random,
    ) -> Result<(), PageError> {
        self.session.clear();
        self.session.renew();
        let csrf = token::generate(random).map_err(PageError::internal)?;
        self.set(CSRF, csrf.expose_secret())?;
        let sign_in = SignIn {
            user,
            account,
            provider,
            email: actor.label.clone(),
            ip: actor.ip,
            client: self.client.clone(),
            request_id: actor.request_id.clone(),
        };
        self.set(SIGN_IN, &sign_in)
    }

    /// The session goes on under `key`, to which its row has moved already (`sessions::renew`).
    pub fn renew(&self, key: &SecretString) -> Result<(), PageError> {
        self.set(RENEWED, key.expose_secret())?;
        self.session.renew();
        Ok(())
    }

    /// Forgets the session and expires its cookie.
    pub fn end(&self) {
        self.session.purge();
    }

    /// To be said on the next page.
    pub fn set_flash(&self, flash: &Flash) -> Result<(), PageError> {
        self.set(FLASH, flash)
    }

    /// What is to be said on this page; asked a second time, nothing is.
    pub fn take_flash(&self) -> Option<Flash> {
        if !self.session.contains_key(FLASH) {
            return None;
        }
        let flash = self.session.get(FLASH).ok().flatten();
        self.session.remove(FLASH);
        flash
    }

    /// In place of an earlier one.
    pub fn set_kept_form(&self, form: &KeptForm) -> Result<(), PageError> {
        self.set(KEPT_FORM, form)
    }

    pub fn keeps_form(&self) -> bool {
        self.session.contains_key(KEPT_FORM)
    }

    /// The form that is kept, if it is `wanted`: then it is not kept any longer.
    pub fn take_kept_form(&self, wanted: impl Fn(&KeptForm) -> bool) -> Option<KeptForm> {
        let form: KeptForm = self.session.get(KEPT_FORM).ok().flatten()?;
        wanted(&form).then(|| {
            self.session.remove(KEPT_FORM);
            form
        })
    }

    fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, PageError> {
        self.session.get(key).map_err(PageError::internal)
    }

    fn set(&self, key: &str, value: impl Serialize) -> Result<(), PageError> {
        self.session.insert(key, value).map_err(PageError::internal)
    }
}

/// State as actix-session holds it: JSON texts by key.
pub(super) type State = HashMap<String, String>;
