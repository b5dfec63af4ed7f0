//! The answer of a verify request: written once, straight from the mirror's entries.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use serde::Serialize;

use crate::domain::request_id::RequestId;
use crate::edge::decisions::Decisions;
use crate::edge::facts::AccountFacts;
use crate::edge::facts::KeyFacts;
use crate::edge::facts::LimitFacts;
use crate::edge::facts::NO_LIMITS;
use crate::edge::facts::OwnerFacts;
use crate::edge::facts::WorkspaceFacts;
use crate::verify::Decision;
use crate::verify::Denial;
use crate::verify::Permit;

/// Most answers fit, so that writing one asks for memory once.
const ANSWER_BYTES: usize = 768;

#[derive(Serialize)]
struct Allowed<'a> {
    valid: bool,
    code: &'static str,
    request_id: &'a str,
    key: KeyFacts<'a>,
    account: AccountFacts<'a>,
    workspace: WorkspaceFacts<'a>,
    owner: Option<OwnerFacts<'a>>,
    scope: &'a str,
    permissions: &'a [String],
    limits: &'a [LimitFacts],
}

#[derive(Serialize)]
struct Denied<'a> {
    valid: bool,
    code: &'static str,
    status: u16,
    error: &'static str,
    request_id: &'a str,
    /// What the key would have needed.
    missing: Option<&'a str>,
}

pub fn of(decisions: &Decisions, decision: &Decision, request_id: RequestId) -> HttpResponse {
    match decision {
        Decision::Allow(permit) => allowed(decisions, permit, request_id),
        Decision::Deny(denial) => denied(denial, request_id),
    }
}

fn allowed(decisions: &Decisions, permit: &Permit, request_id: RequestId) -> HttpResponse {
    let holder = &permit.holder;
    let owner = decisions.verifier().owner(&holder.key);
    json(&Allowed {
        valid: true,
        code: "VALID",
        request_id: request_id.as_str(),
        key: KeyFacts::of(holder),
        account: AccountFacts::of(holder),
        workspace: WorkspaceFacts::of(holder),
        owner: owner.as_deref().map(OwnerFacts::of),
        scope: &holder.key.preset.slug,
        permissions: &holder.key.preset.permissions,
        limits: NO_LIMITS,
    })
}

fn denied(denial: &Denial, request_id: RequestId) -> HttpResponse {
    json(&Denied {
        valid: false,
        code: denial.reason.code(),
        status: denial.reason.status(),
        error: denial.reason.message(),
        request_id: request_id.as_str(),
        missing: None,
    })
}

fn json(answer: &impl Serialize) -> HttpResponse {
    let mut bytes = Vec::with_capacity(ANSWER_BYTES);
    match serde_json::to_writer(&mut bytes, answer) {
        Ok(()) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(bytes),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
