//! The key in a request: `Authorization: Bearer K`, `Authorization: ApiKey K` or `x-api-key: K`.

use actix_web::http::header::AUTHORIZATION;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderName;
use percent_encoding::percent_decode_str;

use crate::crypto::key_secret;
use crate::domain::account::CredentialKind;
use crate::domain::decision::DenyReason;
use crate::domain::key_prefix::KeyPrefix;
use crate::edge::redact;

pub const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const CUSTOMER_ID: HeaderName = HeaderName::from_static("customer-id");

/// What no key can be: stands for values that are not even text.
const NO_KEY: &str = "";

/// Parameters that people put keys in. What they carry need not be sound to be refused.
const KEY_PARAMETERS: [&str; 8] = [
    "api_key",
    "api-key",
    "apikey",
    "x-api-key",
    "x_api_key",
    "key",
    "access_token",
    "token",
];

/// The credential that `headers` carry, if they carry one.
///
/// The same key in both headers is one credential. A header sent twice is refused whatever is in
/// it, because the next server may read the other line.
pub fn of(headers: &HeaderMap) -> Result<Option<Credential<'_>>, DenyReason> {
    let authorization = single(headers, &AUTHORIZATION)?.map(in_authorization);
    let x_api_key = single(headers, &X_API_KEY)?.map(|secret| Credential {
        secret,
        kind: CredentialKind::XApiKey,
    });
    match (authorization, x_api_key) {
        (Some(one), Some(other)) if one.secret != other.secret => Err(DenyReason::TwoCredentials),
        (one, other) => Ok(one.or(other)),
    }
}

/// A key as it was sent.
pub struct Credential<'a> {
    pub secret: &'a str,
    pub kind: CredentialKind,
}

/// The value of a header that may come once; an empty one did not come.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, DenyReason> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(DenyReason::TwoCredentials);
    }
    let text = str::from_utf8(value.as_bytes().trim_ascii()).unwrap_or("?");
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A scheme's case does not matter; another scheme carries no key.
fn in_authorization(value: &str) -> Credential<'_> {
    match of_scheme(value, "apikey") {
        Some(secret) => Credential {
            secret,
            kind: CredentialKind::ApiKey,
        },
        None => Credential {
            secret: of_scheme(value, "bearer").unwrap_or(NO_KEY),
            kind: CredentialKind::Bearer,
        },
    }
}

/// The Bearer token of a service's request.
pub fn service(headers: &HeaderMap) -> Option<&str> {
    of_scheme(single(headers, &AUTHORIZATION).ok()??, "bearer")
}

fn of_scheme<'a>(value: &'a str, scheme: &str) -> Option<&'a str> {
    let (sent, secret) = value.split_at_checked(scheme.len())?;
    let secret = secret.strip_prefix(' ')?;
    sent.eq_ignore_ascii_case(scheme)
        .then(|| secret.trim_ascii_start())
}

/// The `customer-id` header, if sent. Lines that differ are nobody's id.
pub fn customer_id(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(&CUSTOMER_ID);
    let first = values.next()?;
    if values.any(|value| value != first) {
        return Some("");
    }
    Some(first.to_str().unwrap_or_default().trim_matches([' ', '\t']))
}

/// A key in a query string, however it is encoded and whatever stands around it.
pub enum KeyInQuery {
    None,
    /// Something in a parameter made for keys that may be one of ours with a slip in it.
    Broken,
    Sound(String),
}

pub fn in_query(prefix: &KeyPrefix, query: &str) -> KeyInQuery {
    if query.is_empty() {
        return KeyInQuery::None;
    }
    let decoded = percent_decode_str(query).decode_utf8_lossy();
    if let Some((start, end)) = redact::find(prefix, &decoded) {
        return KeyInQuery::Sound(decoded[start..end].to_owned());
    }
    let broken = form_urlencoded::parse(query.as_bytes()).any(|(name, value)| {
        KEY_PARAMETERS.contains(&name.to_ascii_lowercase().as_str())
            && key_secret::secret_within(prefix, &value).is_some()
    });
    if broken {
        KeyInQuery::Broken
    } else {
        KeyInQuery::None
    }
}
