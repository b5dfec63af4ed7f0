//! The request that the upstream gets: built anew from what was parsed and decided.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header as incoming;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Uri;
use http::uri::Authority;
use http::uri::PathAndQuery;
use http::uri::Scheme;
use url::Url;

use crate::domain::decision::DenyReason;
use crate::edge::asked::Asked;
use crate::edge::error::EdgeError;
use crate::edge::gateway::headers;
use crate::edge::gateway::upload::UploadBody;
use crate::edge::identity;
use crate::edge::refusal::Refusal;
use crate::http::client_ip::TrustedProxies;
use crate::verify::Permit;

/// Where the API lives that stands behind the gateway.
#[derive(Clone)]
pub struct Upstream(Arc<Base>);

struct Base {
    scheme: Scheme,
    authority: Authority,
    /// What comes before every path, without a slash at its end.
    path: String,
}

impl Upstream {
    pub fn new(url: &Url) -> Option<Self> {
        let uri: Uri = url.as_str().parse().ok()?;
        let base = Base {
            scheme: uri.scheme()?.clone(),
            authority: uri.authority()?.clone(),
            path: uri.path().trim_end_matches('/').to_owned(),
        };
        Some(Self(Arc::new(base)))
    }

    /// Only with a permit is there anything to send.
    pub fn request(
        &self,
        permit: &Permit,
        request: &HttpRequest,
        asked: &Asked<'_>,
        body: UploadBody,
    ) -> Result<Request<UploadBody>, EdgeError> {
        let mut outgoing = Request::new(body);
        *outgoing.method_mut() = http::Method::from_bytes(request.method().as_str().as_bytes())
            .map_err(|_| EdgeError::BadUpstream)?;
        // What we parsed and the client library cannot write has more than one reading.
        *outgoing.uri_mut() = self.url_of(request).ok_or_else(|| {
            let (reason, id) = (DenyReason::AmbiguousPath, asked.request_id);
            EdgeError::Denied(Box::new(Refusal::plain(reason, &permit.holder, id)))
        })?;
        *outgoing.headers_mut() = headers::forwarded(request.headers());
        sign(outgoing.headers_mut(), permit, request, asked);
        Ok(outgoing)
    }

    fn url_of(&self, request: &HttpRequest) -> Option<Uri> {
        let asked = request
            .uri()
            .path_and_query()
            .map_or("/", |url| url.as_str());
        let path = if self.0.path.is_empty() {
            PathAndQuery::try_from(asked)
        } else {
            PathAndQuery::try_from(format!("{}{asked}", self.0.path))
        };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.0.scheme.clone());
        parts.authority = Some(self.0.authority.clone());
        parts.path_and_query = Some(path.ok()?);
        Uri::from_parts(parts).ok()
    }
}

/// Says in the upstream's request who calls, from where, and under which name.
fn sign(headers: &mut HeaderMap, permit: &Permit, request: &HttpRequest, asked: &Asked<'_>) {
    let mut say = |name: &'static str, value: &[u8]| {
        let value = HeaderValue::from_bytes(value).unwrap_or(HeaderValue::from_static(""));
        headers.insert(HeaderName::from_static(name), value);
    };
    identity::say(&permit.holder, asked.request_id, |name, value| {
        say(name, value.as_bytes());
    });
    say("x-request-id", asked.request_id.as_str().as_bytes());
    if let Some(ip) = asked.ip {
        say("x-forwarded-for", ip.to_string().as_bytes());
    }
    say("x-forwarded-proto", scheme_of(request).as_bytes());
    let host = request.headers().get(incoming::HOST);
    say("x-forwarded-host", host.map_or(b"", |host| host.as_bytes()));
}

/// This listener speaks plain HTTP; a proxy in front that we trust may say that it spoke TLS.
fn scheme_of(request: &HttpRequest) -> &'static str {
    let trusted = request
        .app_data::<TrustedProxies>()
        .zip(request.peer_addr())
        .is_some_and(|(proxies, peer)| proxies.trusts(peer.ip().to_canonical()));
    let https = request
        .headers()
        .get(incoming::X_FORWARDED_PROTO)
        .is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
    if trusted && https { "https" } else { "http" }
}
