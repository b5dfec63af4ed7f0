//! The answer of a verify request: written once, straight from the mirror's entries.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::http::header::HeaderValue;
use uuid::fmt::Hyphenated;

use crate::domain::request_id::RequestId;
use crate::edge::decisions::Decisions;
use crate::edge::facts::LimitFacts;
use crate::edge::json::Json;
use crate::edge::refusal;
use crate::verify::Decision;
use crate::verify::Denial;
use crate::verify::Permit;

/// Most answers fit, so that writing one asks for memory once.
const ANSWER_BYTES: usize = 1024;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

pub fn of(decisions: &Decisions, decision: &Decision, request_id: RequestId) -> HttpResponse {
    let mut json = Json::with_capacity(ANSWER_BYTES);
    match decision {
        Decision::Allow(permit) => allowed(&mut json, decisions, permit, request_id),
        Decision::Deny(denial) => denied(&mut json, denial, request_id),
    }
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, JSON))
        .body(json.into_bytes())
}

fn allowed(json: &mut Json, decisions: &Decisions, permit: &Permit, request_id: RequestId) {
    let holder = &permit.holder;
    let (key, account, workspace) = (&holder.key, &holder.account, &holder.workspace);
    json.raw(r#"{"valid":true,"code":"VALID","request_id":"#)
        .id(request_id.as_bytes());
    json.raw(r#","key":{"id":"#).id(key.id.as_bytes());
    json.raw(r#","name":"#).text(&key.name);
    json.raw(r#","category":"#).text(&key.category);
    json.raw(r#","expires_at":"#).value(&key.expires_at());
    json.raw(r#"},"account":{"id":"#).text(&account.public_id);
    json.raw(r#","domain":"#).text(&account.domain);
    json.raw(r#"},"workspace":{"id":"#)
        .text(&workspace.public_id);
    json.raw(r#","slug":"#).text(&workspace.slug);
    json.raw(r#"},"owner":"#);
    match decisions.verifier().owner(key) {
        Some(owner) => {
            let mut letters = [0; Hyphenated::LENGTH];
            let id = owner.id.hyphenated().encode_lower(&mut letters);
            json.raw(r#"{"id":"#).text(id);
            json.raw(r#","email":"#).text(&owner.email).raw("}");
        }
        None => {
            json.raw("null");
        }
    }
    json.raw(r#","scope":"#).text(&key.preset.slug);
    json.raw(r#","permissions":"#)
        .texts(holder.permissions().iter());
    json.raw(r#","limits":["#);
    for (place, limit) in permit.limits.iter().flatten().enumerate() {
        if place > 0 {
            json.raw(",");
        }
        LimitFacts::of(limit).write(json);
    }
    json.raw("]}");
}

fn denied(json: &mut Json, denial: &Denial, request_id: RequestId) {
    let reason = denial.reason;
    json.raw(r#"{"valid":false,"code":"#).text(reason.code());
    json.raw(r#","status":"#)
        .value(&reason.status_in(refusal::profile_of(denial.holder.as_ref())));
    json.raw(r#","error":"#).text(&denial.message());
    json.raw(r#","request_id":"#).id(request_id.as_bytes());
    json.raw(r#","missing":"#).value(&denial.missing).raw("}");
}

#[cfg(test)]
pub fn refused(denial: &Denial, request_id: RequestId) -> Vec<u8> {
    let mut json = Json::with_capacity(ANSWER_BYTES);
    denied(&mut json, denial, request_id);
    json.into_bytes()
}
