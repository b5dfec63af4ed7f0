//! Latchkey in the path: decide, forward what is allowed, hand the answer back as it comes.
//!
//! | File | Holds |
//! |---|---|
//! | `cors.rs` | what browsers ask, and what they let pages read |
//! | `target.rs` | what was asked for, and requests that more than one server could read |
//! | `headers.rs` | which headers go on, in both directions |
//! | `request.rs` | the request that the upstream gets, built anew |
//! | `upload.rs` | its body: bounded, and not slower than a minimum |
//! | `transport.rs` | connections to the upstream, and their time limits |
//! | `response.rs` | the upstream's answer on its way back |
//! | `in_flight.rs` | how many requests one key may have under way |
//! | `usage.rs` | what the upstream says a request cost |
//!
//! Each request is two records: its decision, before anything is sent to the upstream, and its
//! completion, when the upstream's head is there and before the caller sees it.

mod cors;
mod headers;
mod in_flight;
mod request;
mod response;
mod target;
mod transport;
mod upload;
mod usage;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::web;
use actix_web::web::Payload;
use actix_web::web::ServiceConfig;
use actix_web::web::ThinData;
use url::Url;

use crate::domain::account::ErrorProfile;
use crate::domain::endpoint::Method;
use crate::domain::endpoint::Surface;
use crate::domain::request_id::RequestId;
use crate::edge::asked::Asked;
use crate::edge::asked::CREDITS_DEFAULT;
use crate::edge::asked::Outcome;
use crate::edge::decisions::Decisions;
use crate::edge::error::EdgeError;
use crate::edge::gateway::cors::Page;
use crate::edge::gateway::in_flight::InFlight;
use crate::edge::gateway::request::Upstream;
use crate::edge::gateway::target::Target;
use crate::edge::gateway::transport::Transport;
use crate::edge::gateway::upload::Upload;
use crate::edge::headers as shared;
use crate::edge::refusal::rate_limit;
use crate::edge::refusals;
use crate::edge::told::MeterAmounts;
use crate::edge::told::Used;
use crate::http::client_ip::ClientIp;
use crate::verify::Decision;
use crate::verify::Permit;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// `LATCHKEY_UPSTREAM` is no place to send requests to.
#[derive(Debug, thiserror::Error)]
#[error("“{0}” is no base URL that requests can be sent to")]
pub struct BadUpstreamUrl(Url);

/// What the gateway listener works with. Made once and cloned to each worker.
#[derive(Clone)]
pub struct Gateway {
    decisions: Decisions,
    upstream: Upstream,
    in_flight: InFlight,
}

/// What one worker works with: its own connections, so that no thread waits for another's.
#[derive(Clone)]
struct Worker {
    gateway: Gateway,
    transport: Transport,
}

impl Gateway {
    pub fn new(decisions: Decisions, upstream: &Url) -> Result<Self, BadUpstreamUrl> {
        let upstream = Upstream::new(upstream).ok_or_else(|| BadUpstreamUrl(upstream.clone()))?;
        Ok(Self {
            decisions,
            upstream,
            in_flight: InFlight::default(),
        })
    }

    /// Every URL of the gateway listener. To be called once in each worker. Around it, outermost,
    /// belongs `http::request_id`; `http::client_ip::TrustedProxies` is read if it is there.
    pub fn routes(&self, config: &mut ServiceConfig) {
        let worker = Worker {
            gateway: self.clone(),
            transport: Transport::new(),
        };
        config
            .app_data(ThinData(worker))
            .default_service(web::to(any));
    }
}

async fn any(
    request: HttpRequest,
    payload: Payload,
    ThinData(worker): ThinData<Worker>,
    ClientIp(ip): ClientIp,
    request_id: RequestId,
) -> Result<HttpResponse, EdgeError> {
    let decisions = &worker.gateway.decisions;
    let started = decisions.monotonic();
    if let Some(answer) = cors::preflight(decisions, &request) {
        return Ok(answer);
    }
    let method = Method::parse(request.method().as_str());
    let method = method.ok_or(EdgeError::MethodNotAllowed(METHODS))?;
    let target = Target::of(&request)?;
    let asked = Asked {
        request_id,
        surface: Surface::Gateway,
        method: Some(method),
        path: target.path,
        agent: shared::agent(request.headers()),
        ip: Some(ip),
        started,
        credits: CREDITS_DEFAULT,
    };
    let decision = decisions
        .decide(request.headers(), &asked, target.query, None)
        .await?;
    let page = Page::of(decisions, &request, refusals::parts(&decision).1);
    let answer = match decision {
        Decision::Deny(denial) => {
            let refused = decisions.refuse(&asked, &denial).await;
            Err(refused.unwrap_or_else(EdgeError::from))
        }
        Decision::Allow(permit) => forward(&worker, &permit, &asked, &request, payload).await,
    };
    match page {
        None => answer,
        Some(page) => {
            let mut answer = answer.unwrap_or_else(|fault| fault.error_response());
            page.sign(answer.headers_mut());
            Ok(answer)
        }
    }
}

/// Sends an allowed request on and hands the answer back, each step recorded before the next.
async fn forward(
    worker: &Worker,
    permit: &Permit,
    asked: &Asked<'_>,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, EdgeError> {
    let Gateway {
        decisions,
        upstream,
        in_flight,
    } = &worker.gateway;
    let holder = &permit.holder;
    let Some(place) = in_flight.enter(holder.key.id) else {
        decisions.verifier().take_back(permit);
        let fault = EdgeError::TooManyAtOnce;
        let answered = Outcome::Answered(fault.status_code().as_u16());
        decisions.permit(asked, permit, answered).await?;
        return Err(fault);
    };
    decisions.permit(asked, permit, Outcome::Allowed).await?;
    let charged = MeterAmounts::charged(&permit.metered);
    let (upload, body) = Upload::of(request, payload);
    let sent = match upstream.request(permit, request, asked, body) {
        Ok(outgoing) => worker.transport.send(outgoing, &upload).await,
        Err(fault) => Err(fault),
    };
    let answer = match sent {
        Ok(answer) => answer,
        Err(fault) => {
            let status = fault.status_code().as_u16();
            tracing::warn!(request_id = %asked.request_id, status, "not forwarded: {fault}");
            let used = Used::nothing(charged);
            decisions.complete(asked, holder, status, used).await?;
            return Err(fault);
        }
    };
    let used = usage::of(answer.headers(), asked.credits, charged);
    let status = answer.status().as_u16();
    decisions.complete(asked, holder, status, used).await?;
    let mut onward = response::build(answer, request, place);
    if holder.account.profile == ErrorProfile::Standard {
        rate_limit::add(onward.headers_mut(), &permit.limits, None);
    }
    Ok(onward)
}
