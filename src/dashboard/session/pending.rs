//! A sign-in between its two steps: sealed in a cookie, for five minutes. There is no session yet.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::session::credentials::Known;
use crate::domain::account::AccountId;
use crate::domain::identity::Provider;
use crate::domain::person::UserId;

pub const COOKIE: &str = "lk_pending";
const PURPOSE: &str = "sign-in between its steps";
const VALID_FOR: TimeDelta = TimeDelta::minutes(5);
const KEPT_FOR: Duration = Duration::minutes(5);

/// Whose password was right, and where they wanted to go.
#[derive(Serialize, Deserialize)]
pub struct Pending {
    user: UserId,
    account: Option<AccountId>,
    provider: Option<Provider>,
    pub email: String,
    pub domain: String,
    pub next: String,
    at: DateTime<Utc>,
}

impl Pending {
    pub fn new(known: Known, domain: &str, next: &str, now: DateTime<Utc>) -> Self {
        Self {
            user: known.user,
            account: known.account,
            provider: known.provider,
            email: known.email,
            domain: domain.to_owned(),
            next: next.to_owned(),
            at: now,
        }
    }

    pub fn known(&self) -> Known {
        Known {
            user: self.user,
            email: self.email.clone(),
            account: self.account,
            provider: self.provider,
        }
    }

    pub fn cookie(&self, console: &Console) -> Result<Cookie<'static>, PageError> {
        let text = serde_json::to_vec(self).map_err(PageError::internal)?;
        let key = console.form_key.seal_key();
        let sealed = key.seal(&*console.random, PURPOSE, &text);
        let sealed = BASE64_URL_SAFE_NO_PAD.encode(sealed.map_err(PageError::internal)?);
        let mut cookie = console.site.cookie(COOKIE, sealed);
        cookie.set_max_age(KEPT_FOR);
        Ok(cookie)
    }

    /// The one that this browser carries, unless it is older than five minutes or not ours.
    pub fn of(request: &HttpRequest, console: &Console) -> Option<Self> {
        let cookie = request.cookie(&console.site.cookie_name(COOKIE))?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(cookie.value()).ok()?;
        let text = console.form_key.seal_key().open(PURPOSE, &sealed)?;
        let pending: Self = serde_json::from_slice(&text).ok()?;
        let age = console.parts.clock.now() - pending.at;
        (TimeDelta::zero() <= age && age < VALID_FOR).then_some(pending)
    }

    /// Takes it away from the browser.
    pub fn no_cookie(console: &Console) -> Cookie<'static> {
        let mut cookie = console.site.cookie(COOKIE, String::new());
        cookie.make_removal();
        cookie
    }
}
