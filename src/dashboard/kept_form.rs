//! A form that came from somebody who has to prove first who they are: kept in their session, and
//! given back to the page it was on, filled in. It is sent by another press only.

use actix_web::HttpRequest;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::dashboard::console::Console;
use crate::dashboard::error::PageError;
use crate::dashboard::flash::Flash;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::signed_in::SignedIn;

/// An older one is not given back.
const KEPT_FOR: TimeDelta = TimeDelta::minutes(30);
/// A longer one is not kept: the session is read with every page.
const BYTES_MAX: usize = 64 * 1024;

const LOOK_AGAIN: &str = "Nothing was sent yet. What you entered is here as you left it: look it over and send it again.";

/// One at a time in a session.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeptForm {
    /// Where it was sent to, which is where its page is.
    address: String,
    fields: Vec<(String, String)>,
    at: DateTime<Utc>,
}

impl SignedIn {
    /// As `require_recent`, and what was entered comes back with the page: its handler for GET asks
    /// for `kept_form`. Both have one address.
    pub fn require_recent_to_send(
        &self,
        request: &HttpRequest,
        form: &Fields,
    ) -> Result<(), PageError> {
        match self.require_recent(request) {
            Err(PageError::Unconfirmed(_)) => {}
            other => return other,
        }
        let console = Console::of(request)?;
        let kept = KeptForm {
            address: address_of(request),
            fields: form.without_secrets(),
            at: console.parts.clock.now(),
        };
        let next = kept.address.clone();
        if kept.is_fit(&console) {
            self.browser().set_kept_form(&kept)?;
        }
        Err(PageError::Unconfirmed(next))
    }

    /// What was sent from this page before it was asked who they are: once, and soon after. Ask it
    /// before the page's frame is made, for that says that nothing was sent.
    pub fn kept_form(&self, request: &HttpRequest) -> Result<Option<Fields>, PageError> {
        let now = Console::of(request)?.parts.clock.now();
        let address = address_of(request);
        let kept = self
            .browser()
            .take_kept_form(|kept| kept.address == address || now - kept.at >= KEPT_FOR);
        let Some(kept) = kept.filter(|kept| now - kept.at < KEPT_FOR) else {
            return Ok(None);
        };
        self.flash(&Flash::info(LOOK_AGAIN))?;
        Ok(Some(Fields::kept(kept.fields)))
    }
}

impl InWorkspace {
    /// As `SignedIn::require_recent_to_send`.
    pub fn require_recent_to_send(
        &self,
        request: &HttpRequest,
        form: &Fields,
    ) -> Result<(), PageError> {
        self.person.require_recent_to_send(request, form)
    }

    /// As `SignedIn::kept_form`.
    pub fn kept_form(&self, request: &HttpRequest) -> Result<Option<Fields>, PageError> {
        self.person.kept_form(request)
    }
}

impl KeptForm {
    /// Not too long, and without a key that was pasted into one of its fields.
    fn is_fit(&self, console: &Console) -> bool {
        let texts = || self.fields.iter().flat_map(|(name, value)| [name, value]);
        let bytes: usize = texts().map(String::len).sum();
        bytes <= BYTES_MAX && !texts().any(|text| signed_in::holds_secret(console, text))
    }
}

fn address_of(request: &HttpRequest) -> String {
    request
        .uri()
        .path_and_query()
        .map_or_else(|| request.path().to_owned(), ToString::to_string)
}
