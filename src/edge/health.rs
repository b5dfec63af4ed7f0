//! Whether this process lives, whether it may decide, and its numbers.

use actix_web::HttpResponse;
use actix_web::web::ThinData;
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;

use crate::edge::decisions::Decisions;

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// Under its lease: every key is loaded, and the database was heard from just now.
    mirror: &'static str,
    database: &'static str,
    spool: &'static str,
}

pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "alive": true }))
}

pub async fn readyz(ThinData(decisions): ThinData<Decisions>) -> HttpResponse {
    let lease = decisions.verifier().is_ready();
    let spool = decisions.spool().is_healthy();
    let readiness = Readiness {
        ready: lease && spool,
        mirror: word(lease),
        database: word(lease),
        spool: word(spool),
    };
    if readiness.ready {
        HttpResponse::Ok().json(readiness)
    } else {
        HttpResponse::ServiceUnavailable().json(readiness)
    }
}

pub async fn metrics(
    ThinData(decisions): ThinData<Decisions>,
    ThinData(recorder): ThinData<PrometheusHandle>,
) -> HttpResponse {
    metrics::gauge!("latchkey_ready").set(number(decisions.verifier().is_ready()));
    metrics::gauge!("latchkey_spool_healthy").set(number(decisions.spool().is_healthy()));
    metrics::gauge!("latchkey_spool_bytes").set(to_float(decisions.spool().backlog_bytes()));
    let unreadable = decisions.verifier().unreadable_keys() as u64;
    metrics::gauge!("latchkey_keys_unreadable").set(to_float(unreadable));
    metrics::counter!("latchkey_spool_sync_failures_total")
        .absolute(decisions.spool().sync_failures());
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(recorder.render())
}

fn word(well: bool) -> &'static str {
    if well { "ok" } else { "failing" }
}

fn number(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "2^53 bytes or keys are out of reach"
)]
fn to_float(count: u64) -> f64 {
    count as f64
}
