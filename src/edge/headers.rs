//! Headers that the faces read alike.

use actix_web::http::header::HeaderMap;
use actix_web::http::header::USER_AGENT;

/// What the client calls itself; empty if it does not, or not in printable ASCII.
pub fn agent(headers: &HeaderMap) -> &str {
    headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
