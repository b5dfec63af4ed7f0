//! Forms from elsewhere change nothing. Three layers: what the browser says of the sender, the
//! `Origin` where it says nothing, and a token in every form.
//!
//! The first two are a middleware (`refuse_other_sites`), the third is in the extractors of
//! `posted`, so that no handler can read a form without it.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::http::Method;
use actix_web::http::header;

use crate::crypto::token;
use crate::dashboard::error::PageError;
use crate::dashboard::site::Site;

/// The field that carries the token.
pub const FIELD: &str = "csrf";

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// A form that came too late, to be sent again with a token of today.
#[derive(Debug, Clone)]
pub struct Resend {
    pub action: String,
    /// All that was entered but secrets.
    pub fields: Vec<(String, String)>,
    pub csrf: String,
    /// The visitor's, where they have lost it.
    pub cookie: Option<Cookie<'static>>,
}

impl Resend {
    pub fn new(request: &HttpRequest, fields: &[(String, String)], csrf: &str) -> Self {
        let fields = without_secrets(fields);
        let action = request
            .uri()
            .path_and_query()
            .map_or_else(|| request.path().to_owned(), ToString::to_string);
        Self {
            action,
            fields,
            csrf: csrf.to_owned(),
            cookie: None,
        }
    }

    #[must_use]
    pub fn with_cookie(self, cookie: Option<Cookie<'static>>) -> Self {
        Self { cookie, ..self }
    }
}

/// What may stand in a page again, or be kept: all but the token and what is secret by its name.
pub fn without_secrets(fields: &[(String, String)]) -> Vec<(String, String)> {
    fields
        .iter()
        .filter(|(name, _)| name != FIELD && !is_secret(name))
        .cloned()
        .collect()
}

fn is_secret(name: &str) -> bool {
    ["password", "secret", "token", "code"]
        .iter()
        .any(|word| name.contains(word))
}

/// Unsafe methods must come from our own pages.
pub fn refuse_other_sites(site: &Site, request: &HttpRequest) -> Result<(), PageError> {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
        return Ok(());
    }
    let header = |name: &str| {
        let mut values = request.headers().get_all(name);
        // Two of them are no browser's.
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value.to_str().unwrap_or_default()),
            (Some(_), Some(_)) => Some(""),
            (None, _) => None,
        }
    };
    let is_ours = match header(SEC_FETCH_SITE) {
        Some(sender) => sender == "same-origin",
        // Browsers say it over https and on this machine only; others send the origin.
        None => header(header::ORIGIN.as_str()).is_some_and(|origin| site.is_origin(origin)),
    };
    if is_ours {
        Ok(())
    } else {
        Err(PageError::CrossSite)
    }
}

/// Whether a form carries `expected`, exactly once.
pub fn is_token<'a>(mut sent: impl Iterator<Item = &'a str>, expected: &str) -> bool {
    match (sent.next(), sent.next()) {
        (Some(sent), None) => token::matches(sent, expected),
        _ => false,
    }
}
