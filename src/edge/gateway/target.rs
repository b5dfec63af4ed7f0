//! What a request asks for, and requests that another server could read differently.

use actix_web::HttpRequest;
use actix_web::http::header::HOST;

use crate::domain::path::PATH_BYTES_MAX;
use crate::edge::error::EdgeError;

/// Longest query that is passed on.
const QUERY_BYTES_MAX: usize = 16 * 1024;
/// Longest value of one header.
const HEADER_BYTES_MAX: usize = 8 * 1024;

pub struct Target<'a> {
    pub path: &'a str,
    pub query: &'a str,
}

impl<'a> Target<'a> {
    /// Checked in what does not depend on the key. `path::is_ambiguous` is part of the decision, so
    /// that such a request is a row in its key's log.
    pub fn of(request: &'a HttpRequest) -> Result<Self, EdgeError> {
        let uri = request.uri();
        check_host(request)?;
        let (path, query) = (uri.path(), uri.query().unwrap_or_default());
        if path.len() > PATH_BYTES_MAX || query.len() > QUERY_BYTES_MAX {
            return Err(EdgeError::UrlTooLong);
        }
        let mut values = request.headers().iter().map(|(_, value)| value.len());
        if values.any(|length| length > HEADER_BYTES_MAX) {
            return Err(EdgeError::HeaderTooLong);
        }
        Ok(Self { path, query })
    }
}

/// One host only: the next server could choose the other one.
fn check_host(request: &HttpRequest) -> Result<(), EdgeError> {
    let mut hosts = request.headers().get_all(HOST);
    let host = hosts.next();
    let named_in_url = request.uri().authority();
    let same = named_in_url.is_none_or(|named| {
        host.is_some_and(|host| {
            host.as_bytes()
                .eq_ignore_ascii_case(named.as_str().as_bytes())
        })
    });
    if hosts.next().is_none() && same {
        Ok(())
    } else {
        Err(EdgeError::AmbiguousHost)
    }
}
