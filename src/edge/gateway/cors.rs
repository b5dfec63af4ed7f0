//! Keys in web pages: what a browser asks before it lets a page call us, and what it must find in
//! our answers before it shows them to the page (the Fetch standard's CORS protocol).
//!
//! An origin is allowed that a key names; it alone is named back, never `*`.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderName;
use actix_web::http::header::HeaderValue;

use crate::edge::credentials;
use crate::edge::decisions::Decisions;
use crate::edge::headers;
use crate::verify::Holder;
use crate::verify::Origin;

const ALLOWED_METHODS: HeaderValue =
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
/// What every caller may send, asked or not.
const ALLOWED_HEADERS: [&str; 4] = ["authorization", "x-api-key", "customer-id", "content-type"];
/// What a page may read of an answer beside what it may always.
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static(
    "x-request-id, retry-after, www-authenticate, ratelimit, ratelimit-policy",
);
/// How long a browser need not ask again. Short, so that an origin that is taken away is soon not
/// asked for; what decides is every request itself.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
/// More asked headers than this are not answered.
const ASKED_MAX: usize = 32;
const NAME_BYTES_MAX: usize = 64;
const FAMILY: &str = "access-control-";

/// The answer to a browser that asks before it sends a request: `None` if this is none such.
///
/// It bears no key, so all that can be said is whether some key allows the page's origin.
pub fn preflight(decisions: &Decisions, request: &HttpRequest) -> Option<HttpResponse> {
    let asked = request.headers();
    let asks = asked.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if request.method() != Method::OPTIONS || !asks || bears_key(asked) {
        return None;
    }
    let Origin::Is(origin) = headers::origin(asked) else {
        return None;
    };
    let value = HeaderValue::from_str(origin).ok();
    let Some(origin) = value.filter(|_| decisions.verifier().allows_origin(origin)) else {
        return Some(HttpResponse::new(StatusCode::FORBIDDEN));
    };
    let mut answer = HttpResponse::new(StatusCode::NO_CONTENT);
    let said = answer.headers_mut();
    said.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    said.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
    if let Ok(names) = HeaderValue::from_str(&allowed_headers(asked)) {
        said.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
    said.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    said.insert(
        header::VARY,
        HeaderValue::from_static(
            "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ),
    );
    Some(answer)
}

fn bears_key(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || headers.contains_key(credentials::X_API_KEY)
}

/// Ours, and those of the asked that are names of headers.
fn allowed_headers(asked: &HeaderMap) -> String {
    let lines = asked.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let asked = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|name| name.trim_ascii().to_ascii_lowercase())
        .filter(|name| is_sane(name) && !ALLOWED_HEADERS.contains(&&**name))
        .take(ASKED_MAX);
    let mut names = ALLOWED_HEADERS.join(", ");
    for name in asked {
        names.push_str(", ");
        names.push_str(&name);
    }
    names
}

fn is_sane(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(letter)
}

/// The page behind a request, where it is ours to say what it may read.
pub struct Page {
    /// Of a page that may.
    origin: Option<HeaderValue>,
}

impl Page {
    /// `None` without a page, and where the key speaks of none: then that is between the page and
    /// the API. Where no key is known, the pages of any key may read why.
    pub fn of(
        decisions: &Decisions,
        request: &HttpRequest,
        holder: Option<&Holder>,
    ) -> Option<Self> {
        let asked = headers::origin(request.headers());
        if asked == Origin::Absent {
            return None;
        }
        let known = holder.map(|holder| holder.key.network.as_deref());
        let origins = known.map(|network| network.map_or(&[][..], |network| &network.origins));
        if origins.is_some_and(<[_]>::is_empty) {
            return None;
        }
        let Origin::Is(origin) = asked else {
            return Some(Self { origin: None });
        };
        let allowed = origins.map_or_else(
            || decisions.verifier().allows_origin(origin),
            |origins| origins.iter().any(|known| **known == *origin),
        );
        let origin = HeaderValue::from_str(origin).ok().filter(|_| allowed);
        Some(Self { origin })
    }

    /// Puts what we say in the place of what the upstream said.
    pub fn sign(self, headers: &mut HeaderMap) {
        let theirs: Vec<HeaderName> = headers
            .keys()
            .filter(|name| name.as_str().starts_with(FAMILY))
            .cloned()
            .collect();
        for name in theirs {
            headers.remove(name);
        }
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = self.origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
        }
    }
}
