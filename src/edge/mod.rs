//! What programs talk to: the API listener and the gateway. JSON, headers, streams; no session.
//!
//! | URL | File |
//! |---|---|
//! | `POST /v1/keys/verify` | `verify/` |
//! | `POST /v1/requests/report` | `report.rs` |
//! | `POST /v1/usage` | `app_usage/` |
//! | `GET`, `DELETE /v1/keys/self` | `own_key.rs` |
//! | `/v1/forward-auth` | `forward_auth.rs` |
//! | `/healthz`, `/readyz`, `/metrics` | `health.rs` |
//! | every URL of the gateway's own listener | `gateway/` |
//!
//! All of them decide by `decisions.rs`, which writes each decision about a known key to the spool
//! before the answer leaves.

mod app_usage;
pub mod asked;
mod body;
mod counters;
pub mod credentials;
pub mod decisions;
mod error;
mod facts;
pub mod forward_auth;
pub mod gateway;
mod headers;
mod health;
mod identity;
mod json;
mod own_key;
mod recent;
pub mod redact;
mod refusal;
mod refusals;
mod repeats;
mod report;
mod told;
mod verify;

use std::future::Ready;
use std::future::ready;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::web;
use actix_web::web::ServiceConfig;
use actix_web::web::ThinData;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::edge::decisions::Decisions;
use crate::edge::error::EdgeError;
use crate::edge::forward_auth::ForwardAuthPeers;
use crate::edge::repeats::Repeats;
use crate::verify::app_usage::AppUsageDesk;
use crate::verify::own_key::OwnRevocations;

/// What the API listener works with. Made once and cloned to each worker.
#[derive(Clone)]
pub struct Api {
    decisions: Decisions,
    own_revocations: OwnRevocations,
    app_usage: AppUsageDesk,
    forward_auth_peers: ForwardAuthPeers,
    recorder: PrometheusHandle,
    repeats: Repeats,
}

impl Api {
    pub fn new(
        decisions: Decisions,
        (own_revocations, app_usage): (OwnRevocations, AppUsageDesk),
        forward_auth_peers: ForwardAuthPeers,
        recorder: PrometheusHandle,
    ) -> Self {
        Self {
            decisions,
            own_revocations,
            app_usage,
            forward_auth_peers,
            recorder,
            repeats: Repeats::default(),
        }
    }

    /// The URL table of the API listener. Around it, outermost, belongs `http::request_id`.
    pub fn routes(&self, config: &mut ServiceConfig) {
        config
            .app_data(ThinData(self.decisions.clone()))
            .app_data(ThinData(self.own_revocations.clone()))
            .app_data(ThinData(self.app_usage.clone()))
            .app_data(ThinData(self.forward_auth_peers.clone()))
            .app_data(ThinData(self.recorder.clone()))
            .app_data(ThinData(self.repeats.clone()))
            .service(
                web::resource("/v1/keys/verify")
                    .post(verify::post)
                    .default_service(web::to(|| method_not_allowed("POST"))),
            )
            .service(
                web::resource("/v1/requests/report")
                    .post(report::post)
                    .default_service(web::to(|| method_not_allowed("POST"))),
            )
            .service(
                web::resource("/v1/usage")
                    .post(app_usage::post)
                    .default_service(web::to(|| method_not_allowed("POST"))),
            )
            .service(
                web::resource("/v1/keys/self")
                    .get(own_key::get)
                    .delete(own_key::delete)
                    .default_service(web::to(|| method_not_allowed("GET, DELETE"))),
            )
            .service(web::resource("/v1/forward-auth").to(forward_auth::any))
            .service(looking("/healthz").get(health::healthz))
            .service(looking("/readyz").get(health::readyz))
            .service(looking("/metrics").get(health::metrics))
            .default_service(web::to(not_found));
    }
}

fn looking(url: &str) -> actix_web::Resource {
    web::resource(url).default_service(web::to(|| method_not_allowed("GET")))
}

fn method_not_allowed(allowed: &'static str) -> Ready<HttpResponse> {
    ready(EdgeError::MethodNotAllowed(allowed).error_response())
}

fn not_found() -> Ready<HttpResponse> {
    ready(EdgeError::NotFound.error_response())
}
