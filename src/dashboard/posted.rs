//! What a form sent: read within limits, its token checked, nothing lost on the way.

use std::fmt::Display;
use std::ops::Deref;
use std::str::FromStr;
use std::time::Duration;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header;
use actix_web::web::BytesMut;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;

use crate::dashboard::csrf;
use crate::dashboard::csrf::Resend;
use crate::dashboard::error::PageError;
use crate::dashboard::error::SignedOut;
use crate::dashboard::form::FormErrors;
use crate::dashboard::session::Browser;
use crate::dashboard::visitor;
use crate::dashboard::visitor::Visitor;

/// Some fields of ten thousand characters, so that each can say that it is too long.
const BODY_BYTES_MAX: usize = 256 * 1024;
const FIELDS_MAX: usize = 1_000;
/// A browser sends a form at once; who dawdles holds a connection.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

const FORM: &str = "application/x-www-form-urlencoded";
const UNREADABLE: &str = "Remove the characters that cannot be read.";

/// Fields by name, in the order they were sent.
#[derive(Debug, Default)]
pub struct Fields {
    fields: Vec<(String, String)>,
    /// Names of fields that were no UTF-8; their value holds replacement characters.
    unreadable: Vec<String>,
}

impl Fields {
    pub(super) fn parse(body: &[u8]) -> Result<Self, PageError> {
        let mut parsed = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|p| !p.is_empty()) {
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = pair.split_at(at.unwrap_or(pair.len()));
            let (name, name_is_text) = decode(name);
            let (value, is_text) = decode(value.get(1..).unwrap_or_default());
            if !(is_text && name_is_text) {
                parsed.unreadable.push(name.clone());
            }
            parsed.fields.push((name, value));
            if parsed.fields.len() > FIELDS_MAX {
                return Err(PageError::TooLarge);
            }
        }
        Ok(parsed)
    }

    /// The parameters of the address.
    pub fn of_query(request: &HttpRequest) -> Result<Self, PageError> {
        Self::parse(request.query_string().as_bytes())
    }

    /// All that may be kept for later.
    pub(super) fn without_secrets(&self) -> Vec<(String, String)> {
        csrf::without_secrets(&self.fields)
    }

    pub(super) fn kept(fields: Vec<(String, String)>) -> Self {
        Self {
            fields,
            unreadable: Vec::new(),
        }
    }

    /// The field's value as it was sent; empty if it was not.
    pub fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All values of a repeated field.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// What the field holds, or why not, said at the field.
    pub fn parse_as<T>(&self, field: &'static str, errors: &mut FormErrors) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        self.parse_with(field, errors, str::parse)
    }

    /// As `parse_as`, with a parser of one's own.
    pub fn parse_with<T, E: Display>(
        &self,
        field: &'static str,
        errors: &mut FormErrors,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.unreadable.iter().any(|name| name == field) {
            errors.add(field, UNREADABLE);
            return None;
        }
        match parse(self.get(field)) {
            Ok(value) => Some(value),
            Err(fault) => {
                errors.add(field, fault.to_string());
                None
            }
        }
    }
}

/// The text of a percent-encoded part, and whether it was UTF-8.
fn decode(part: &[u8]) -> (String, bool) {
    let spaced: Vec<u8> = part
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let bytes: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    match String::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(error) => (
            String::from_utf8_lossy(error.as_bytes()).into_owned(),
            false,
        ),
    }
}

/// A form of a signed-in person, its token checked.
#[derive(Debug)]
pub struct Posted(Fields);

impl Deref for Posted {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.0
    }
}

impl FromRequest for Posted {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let Some(expected) = Browser::of(&request).csrf()? else {
                return Err(PageError::signed_out(&request)?);
            };
            let fields = read(&request, payload).await?;
            if csrf::is_token(fields.all(csrf::FIELD), &expected) {
                return Ok(Self(fields));
            }
            let resend = Resend::new(&request, &fields.fields, &expected);
            Err(PageError::Stale(Box::new(resend)))
        })
    }
}

/// A form of somebody without a session, its token checked against their cookie.
#[derive(Debug)]
pub struct VisitorPosted(Fields);

impl Deref for VisitorPosted {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.0
    }
}

impl FromRequest for VisitorPosted {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let fields = read(&request, payload).await?;
            if let Some(expected) = visitor::expected_token(&request)?
                && csrf::is_token(fields.all(csrf::FIELD), &expected)
            {
                return Ok(Self(fields));
            }
            let visitor = Visitor::extract(&request).await?;
            let resend = Resend::new(&request, &fields.fields, &visitor.page.csrf);
            Err(PageError::Stale(Box::new(
                resend.with_cookie(visitor.cookie),
            )))
        })
    }
}

/// What somebody is told whose session is over: after a form with entries, a page that keeps them.
pub(super) async fn signed_out(request: ServiceRequest, out: SignedOut) -> PageError {
    let (request, payload) = request.into_parts();
    // Only where there was a session; its person can send it again once they have another.
    if request.method() == Method::POST
        && out.ended
        && let Ok(fields) = read(&request, payload).await
    {
        let resend = Resend::new(&request, &fields.fields, "");
        if !resend.fields.is_empty() {
            return PageError::SignedOutForm(Box::new(resend));
        }
    }
    PageError::SignedOut(out)
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<Fields, PageError> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let is_form = content_type
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case(FORM));
    if !is_form {
        return Err(PageError::BadForm(
            "It was not sent by a form of this site. Nothing was changed.",
        ));
    }
    match tokio::time::timeout(BODY_TIMEOUT, collect(payload)).await {
        Ok(body) => Fields::parse(&body?),
        Err(_) => Err(PageError::BadForm(
            "It took too long to arrive. Nothing was changed. Send it again.",
        )),
    }
}

async fn collect(mut payload: Payload) -> Result<BytesMut, PageError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            PageError::BadForm("It did not arrive whole. Nothing was changed. Send it again.")
        })?;
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(PageError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests;
