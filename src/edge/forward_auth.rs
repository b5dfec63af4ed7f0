//! `/v1/forward-auth`: a proxy asks, on behalf of a request that it holds, whether to pass it on.
//!
//! The proxy alone says what that request is, so only peers on the list may ask.

use std::fmt::Write;
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderName;
use actix_web::http::header::HeaderValue;
use actix_web::web::ThinData;
use ipnet::IpNet;

use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::endpoint::Surface;
use crate::domain::request_id::RequestId;
use crate::edge::asked::Asked;
use crate::edge::asked::CREDITS_DEFAULT;
use crate::edge::asked::Outcome;
use crate::edge::decisions::Decisions;
use crate::edge::error::EdgeError;
use crate::edge::headers;
use crate::edge::identity;
use crate::http::client_ip::TrustedProxies;
use crate::verify::Decision;
use crate::verify::Holder;

/// Who may ask. What they say of addresses is believed, as it is of other trusted proxies.
#[derive(Clone)]
pub struct ForwardAuthPeers {
    peers: Arc<[IpNet]>,
    hops: TrustedProxies,
}

impl ForwardAuthPeers {
    pub fn new(peers: Vec<IpNet>, trusted_proxies: &[IpNet]) -> Self {
        let hops = peers.iter().chain(trusted_proxies).copied().collect();
        Self {
            peers: peers.into(),
            hops: TrustedProxies::new(hops),
        }
    }

    /// The address behind the asking peer, if that may ask.
    fn client(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip().to_canonical();
        self.peers
            .iter()
            .any(|network| network.contains(&peer))
            .then(|| self.hops.client(peer, request.headers()))
    }
}

/// nginx makes a 500 of every answer but 2xx, 401 and 403.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proxy {
    Nginx,
    Other,
}

/// The request that the proxy holds.
struct Held<'a> {
    method: Option<Method>,
    path: &'a str,
    query: &'a str,
}

pub async fn any(
    request: HttpRequest,
    ThinData(decisions): ThinData<Decisions>,
    ThinData(peers): ThinData<ForwardAuthPeers>,
    request_id: RequestId,
) -> HttpResponse {
    let proxy = proxy_of(request.query_string());
    match answer(&request, &decisions, &peers, request_id).await {
        Ok(holder) => allow(&holder, request_id),
        Err(error) => refuse(&error, proxy),
    }
}

async fn answer(
    request: &HttpRequest,
    decisions: &Decisions,
    peers: &ForwardAuthPeers,
    request_id: RequestId,
) -> Result<Holder, EdgeError> {
    let started = decisions.monotonic();
    let ip = peers.client(request).ok_or(EdgeError::PeerNotAllowed)?;
    let (held, clear) = held(request.headers(), proxy_of(request.query_string()));
    let asked = Asked {
        request_id,
        surface: Surface::ForwardAuth,
        method: held.method,
        path: held.path,
        agent: headers::agent(request.headers()),
        ip: Some(ip),
        started,
        credits: CREDITS_DEFAULT,
    };
    let fault = (!clear).then_some(DenyReason::AmbiguousPath);
    let decision = decisions
        .decide(request.headers(), &asked, held.query, fault)
        .await?;
    match decision {
        Decision::Allow(permit) => {
            decisions.permit(&asked, &permit, Outcome::Allowed).await?;
            Ok(permit.holder)
        }
        Decision::Deny(denial) => Err(decisions.refuse(&asked, &denial).await?),
    }
}

/// What the proxy says it holds, and whether that is said clearly: once each, and with a method
/// that we know.
///
/// nginx passes the client's own `X-Forwarded-*` on to us, so for it the names that only its
/// configuration sets go first.
fn held(headers: &HeaderMap, proxy: Proxy) -> (Held<'_>, bool) {
    let (forwarded, original) = (
        ("x-forwarded-method", "x-forwarded-uri"),
        ("x-original-method", "x-original-uri"),
    );
    let order = match proxy {
        Proxy::Nginx => [original, forwarded],
        Proxy::Other => [forwarded, original],
    };
    let (method, uri) = order
        .into_iter()
        .find(|(_, uri)| headers.contains_key(*uri))
        .unwrap_or(order[0]);
    let (uri, one_uri) = single(headers, uri);
    let (method, one_method) = single(headers, method);
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let parsed = Method::parse(method);
    let known = parsed.is_some() || method.is_empty();
    // Without a URI the proxy asks about the key alone; half a URI says nothing clear.
    let whole = uri.is_empty() || !path.is_empty();
    let held = Held {
        method: parsed,
        path,
        query,
    };
    (held, one_uri && one_method && known && whole)
}

/// The value of a header, and whether it is one text.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> (&'a str, bool) {
    let mut values = headers.get_all(name);
    match values.next().map(|value| value.to_str()) {
        None => ("", true),
        Some(Ok(text)) => (text, values.next().is_none()),
        Some(Err(_)) => ("", false),
    }
}

fn proxy_of(query: &str) -> Proxy {
    let nginx = form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "proxy" && value == "nginx");
    if nginx { Proxy::Nginx } else { Proxy::Other }
}

fn allow(holder: &Holder, request_id: RequestId) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    identity::say(holder, request_id, |name, value| {
        answer.insert_header((name, value));
    });
    answer.finish()
}

fn refuse(error: &EdgeError, proxy: Proxy) -> HttpResponse {
    match proxy {
        Proxy::Nginx => for_nginx(error),
        Proxy::Other => error.error_response(),
    }
}

/// With a status that nginx understands, and the rest beside it.
pub fn for_nginx(error: &EdgeError) -> HttpResponse {
    let status = error.status_code();
    let shown = if status == StatusCode::UNAUTHORIZED {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::FORBIDDEN
    };
    let mut answer = error.answer_as(shown);
    let headers = answer.headers_mut();
    headers.insert(
        HeaderName::from_static(identity::STATUS),
        HeaderValue::from(status.as_u16()),
    );
    for (name, json) in [
        (identity::ERROR, words(error.message())),
        (identity::BODY, error.body()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&ascii(&json)) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    answer
}

/// As it stands between the quotes of a JSON string.
fn words(message: &str) -> String {
    let quoted = serde_json::to_string(message).unwrap_or_default();
    quoted
        .get(1..quoted.len().saturating_sub(1))
        .unwrap_or_default()
        .to_owned()
}

/// JSON in which every letter that no header can carry is an escape.
fn ascii(json: &str) -> String {
    let mut written = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter.is_ascii() {
            written.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            // Into memory: there is nothing to fail.
            let _ = write!(written, "\\u{unit:04x}");
        }
    }
    written
}
