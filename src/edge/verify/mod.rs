//! `POST /v1/keys/verify`: a service asks what a key may do.

mod answer;
mod faults;
mod question;

#[cfg(test)]
pub use crate::edge::verify::answer::refused;

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header::HeaderMap;
use actix_web::web::Payload;
use actix_web::web::ThinData;

use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Surface;
use crate::domain::ip_scope::IpScope;
use crate::domain::path;
use crate::domain::request_id::RequestId;
use crate::edge::asked::Asked;
use crate::edge::body;
use crate::edge::credentials;
use crate::edge::credentials::KeyInQuery;
use crate::edge::decisions::Decisions;
use crate::edge::error::EdgeError;
use crate::edge::refusals;
use crate::edge::repeats::First;
use crate::edge::repeats::Repeats;
use crate::edge::verify::question::Question;
use crate::verify::Attempt;
use crate::verify::Decision;

const BODY_BYTES_MAX: usize = 16 * 1024;

pub async fn post(
    request: HttpRequest,
    payload: Payload,
    ThinData(decisions): ThinData<Decisions>,
    ThinData(repeats): ThinData<Repeats>,
    request_id: RequestId,
) -> Result<HttpResponse, EdgeError> {
    let started = decisions.monotonic();
    let service = authenticate(&decisions, request.headers())?;
    let body = body::read(&request, payload, BODY_BYTES_MAX).await?;
    let question = Question::parse(&body)?;
    let asked = asked(&question, request_id, started);
    let Some(name) = question.request_id() else {
        let decision = decide(&decisions, &question, service, true).await?;
        return answer(&decisions, &asked, &decision).await;
    };
    let repeat = repeats
        .find(service, name, &question, started)
        .ok_or_else(faults::name_taken)?;
    let mut first = repeat.first.lock().await;
    // What was allowed is charged once. What was refused was not charged, and may pass by now.
    let charged = first.is_some_and(|first| first.denied.is_none());
    let decision = decide(&decisions, &question, service, !charged).await?;
    let (denied, _) = refusals::parts(&decision);
    if let Some(first) = *first
        && first.denied == denied
    {
        return Ok(answer::of(&decisions, &decision, first.request_id));
    }
    // New, or the key has changed since: what was true is not repeated, and this decision has its
    // own row.
    let answer = answer(&decisions, &asked, &decision).await?;
    if first.is_none() || denied.is_none() {
        *first = Some(First { request_id, denied });
    }
    Ok(answer)
}

/// The answer, once the decision is written.
async fn answer(
    decisions: &Decisions,
    asked: &Asked<'_>,
    decision: &Decision,
) -> Result<HttpResponse, EdgeError> {
    decisions.record(asked, decision).await?;
    Ok(answer::of(decisions, decision, asked.request_id))
}

/// The service credential of a request to our own API.
pub fn authenticate(decisions: &Decisions, headers: &HeaderMap) -> Result<ApiKeyId, EdgeError> {
    let secret = credentials::service(headers).ok_or(EdgeError::ServiceCredential)?;
    let service = decisions.verifier().service(secret)?;
    service.map_or(Err(EdgeError::ServiceCredential), |known| Ok(known.id))
}

async fn decide(
    decisions: &Decisions,
    question: &Question<'_>,
    service: ApiKeyId,
    counts: bool,
) -> Result<Decision, EdgeError> {
    let target = question.target();
    let key_in_url = target.is_some_and(|(_, query)| {
        !matches!(
            credentials::in_query(decisions.prefix(), query),
            KeyInQuery::None
        )
    });
    let ambiguous = target.is_some_and(|(path, _)| path::is_ambiguous(path));
    let attempt = Attempt {
        customer_id: question.customer_id(),
        ip: question.ip(),
        scope: Some(IpScope::Service(service)),
        origin: question.origin(),
        ask: question.ask(),
        credits: question.credits(),
        counts,
        fault: if key_in_url {
            Some(DenyReason::KeyInUrl)
        } else {
            ambiguous.then_some(DenyReason::AmbiguousPath)
        },
        ..Attempt::of(question.key())
    };
    let decision = decisions.decide_on(&attempt).await?;
    Ok(if key_in_url {
        refusals::key_in_url(decision)
    } else {
        decision
    })
}

fn asked<'a>(question: &'a Question<'_>, request_id: RequestId, started: Duration) -> Asked<'a> {
    Asked {
        request_id,
        surface: Surface::Verify,
        method: question.method(),
        path: question.target().map_or("", |(path, _)| path),
        agent: "",
        ip: question.ip(),
        started,
        credits: question.credits(),
    }
}
