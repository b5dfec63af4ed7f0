//! `/v1/keys/self`: the two things a key may do with itself, read and revoke.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::ThinData;
use serde::Serialize;
use serde_json::json;

use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::endpoint::Method;
use crate::domain::endpoint::Surface;
use crate::domain::request_id::RequestId;
use crate::edge::asked::Asked;
use crate::edge::asked::Outcome;
use crate::edge::decisions::Decisions;
use crate::edge::error::EdgeError;
use crate::edge::facts::AccountFacts;
use crate::edge::facts::KeyFacts;
use crate::edge::facts::LimitFacts;
use crate::edge::facts::WorkspaceFacts;
use crate::edge::headers;
use crate::edge::told::Used;
use crate::http::client_ip::ClientIp;
use crate::verify::Decision;
use crate::verify::Holder;
use crate::verify::Permit;
use crate::verify::own_key::OwnRevocationAnswer;
use crate::verify::own_key::OwnRevocations;

/// What a key reads of itself. Not its owner: a key in a web page is read by everybody.
#[derive(Serialize)]
struct Itself<'a> {
    request_id: &'a str,
    key: KeyFacts<'a>,
    account: AccountFacts<'a>,
    workspace: WorkspaceFacts<'a>,
    scope: &'a str,
    permissions: Vec<&'a str>,
    limits: Vec<LimitFacts>,
}

pub async fn get(
    request: HttpRequest,
    ThinData(decisions): ThinData<Decisions>,
    ClientIp(ip): ClientIp,
    request_id: RequestId,
) -> Result<HttpResponse, EdgeError> {
    let asked = asked(&request, request_id, ip, decisions.monotonic());
    let permit = permit(&decisions, &request, &asked).await?;
    let holder = &permit.holder;
    decisions
        .permit(&asked, &permit, Outcome::Answered(200))
        .await?;
    Ok(HttpResponse::Ok().json(Itself {
        request_id: request_id.as_str(),
        key: KeyFacts::of(holder),
        account: AccountFacts::of(holder),
        workspace: WorkspaceFacts::of(holder),
        scope: &holder.key.preset.slug,
        permissions: holder.key.permissions().iter().collect(),
        limits: permit.limits.iter().flatten().map(LimitFacts::of).collect(),
    }))
}

/// 200 when no live node accepts the key any more; 202 when it is revoked and some node has not
/// said so yet.
pub async fn delete(
    request: HttpRequest,
    ThinData(decisions): ThinData<Decisions>,
    ThinData(revocations): ThinData<OwnRevocations>,
    ClientIp(ip): ClientIp,
    request_id: RequestId,
) -> Result<HttpResponse, EdgeError> {
    let asked = asked(&request, request_id, ip, decisions.monotonic());
    let permit = permit(&decisions, &request, &asked).await?;
    // First the row, so that no revocation is without one; then what came of it.
    decisions.permit(&asked, &permit, Outcome::Allowed).await?;
    let holder = permit.holder;
    let actor = actor(&holder, &asked);
    let result = revocations.ask(&holder.key, actor).await;
    let answer = match result {
        OwnRevocationAnswer::Revoked => Ok((200, false)),
        OwnRevocationAnswer::Pending => Ok((202, true)),
        OwnRevocationAnswer::AlreadyRevoked => Err((409, EdgeError::AlreadyRevoked)),
        OwnRevocationAnswer::Failed => Err((
            503,
            EdgeError::Unavailable("the revocation could not be written"),
        )),
    };
    let status = answer
        .as_ref()
        .map_or_else(|(status, _)| *status, |(status, _)| *status);
    decisions
        .complete(&asked, &holder, status, Used::default())
        .await?;
    let (_, pending) = answer.map_err(|(_, error)| error)?;
    let body = json!({
        "revoked": true,
        "pending": pending,
        "key": { "id": holder.key.id.as_str() },
        "request_id": request_id.as_str(),
    });
    Ok(if pending {
        HttpResponse::Accepted().json(body)
    } else {
        HttpResponse::Ok().json(body)
    })
}

/// The caller's key, or its refusal, already written.
async fn permit(
    decisions: &Decisions,
    request: &HttpRequest,
    asked: &Asked<'_>,
) -> Result<Permit, EdgeError> {
    let decision = decisions
        .decide(request.headers(), asked, request.query_string(), None)
        .await?;
    match decision {
        Decision::Allow(permit) => Ok(permit),
        Decision::Deny(denial) => Err(decisions.refuse(asked, &denial).await?),
    }
}

fn asked(request: &HttpRequest, request_id: RequestId, ip: IpAddr, started: Duration) -> Asked<'_> {
    Asked {
        request_id,
        surface: Surface::OwnKey,
        method: Method::parse(request.method().as_str()),
        path: request.uri().path(),
        agent: headers::agent(request.headers()),
        ip: Some(ip),
        started,
        credits: 0,
    }
}

fn actor(holder: &Holder, asked: &Asked<'_>) -> Actor {
    Actor {
        kind: ActorKind::Key(holder.key.id),
        label: holder.key.name.to_string(),
        ip: asked.ip,
        request_id: Some(asked.request_id.to_string()),
    }
}
