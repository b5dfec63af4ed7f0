//! Headers that the faces read alike.

use actix_web::http::header::HeaderMap;
use actix_web::http::header::ORIGIN;
use actix_web::http::header::USER_AGENT;

use crate::domain::endpoint::Surface;
use crate::verify::Origin;

/// What the client calls itself; empty if it does not, or not in printable ASCII.
pub fn agent(headers: &HeaderMap) -> &str {
    headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The page that a browser says it comes from. What is no text is no origin that we know.
pub fn origin(headers: &HeaderMap) -> Origin<'_> {
    let mut values = headers.get_all(ORIGIN);
    match (values.next(), values.next()) {
        (None, _) => Origin::Absent,
        (Some(value), None) => Origin::Is(value.to_str().unwrap_or_default()),
        (Some(_), Some(_)) => Origin::Is(""),
    }
}

/// What a key asks about itself is no request of the page that it is in.
pub fn origin_at(surface: Surface, headers: &HeaderMap) -> Origin<'_> {
    match surface {
        Surface::OwnKey => Origin::NotTold,
        _ => origin(headers),
    }
}
