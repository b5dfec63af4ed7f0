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

type Answer = Result<HttpResponse, EdgeError>;

pub async fn post(
    request: HttpRequest,
    payload: Payload,
    ThinData(decisions): ThinData<Decisions>,
    ThinData(repeats): ThinData<Repeats>,
    request_id: RequestId,
) -> Answer {
    let started = decisions.monotonic();
    let service = authenticate(&decisions, request.headers())?;
    let body = body::read(&request, payload, BODY_BYTES_MAX).await?;
    let question = Question::parse(&body)?;
    let asking = Asking {
        decisions: &decisions,
        question: &question,
        service,
        request_id,
        started,
    };
    match question.request_id() {
        None => asking.once().await,
        // Rare, so that it is boxed: nobody else has the room for it.
        Some(name) => Box::pin(asking.named(name, &repeats)).await,
    }
}

/// A question, who asks it, and when.
struct Asking<'a> {
    decisions: &'a Decisions,
    question: &'a Question<'a>,
    service: ApiKeyId,
    request_id: RequestId,
    started: Duration,
}

impl Asking<'_> {
    async fn once(&self) -> Answer {
        let answer = {
            let decision = self.decide(true).await?;
            self.answer(&decision)
        };
        answer.await
    }

    /// Of a request that may have come before under the same name.
    async fn named(&self, name: &str, repeats: &Repeats) -> Answer {
        let repeat = repeats
            .find(self.service, name, self.question, self.started)
            .ok_or_else(faults::name_taken)?;
        let mut first = repeat.first.lock().await;
        // What was allowed is charged once. What was refused was not charged, and may pass by now.
        let charged = first.is_some_and(|first| first.denied.is_none());
        let decision = self.decide(!charged).await?;
        let (denied, _) = refusals::parts(&decision);
        if let Some(first) = *first
            && first.denied == denied
        {
            return Ok(answer::of(self.decisions, &decision, first.request_id));
        }
        // New, or the key has changed since: what was true is not repeated, and this decision has
        // its own row.
        let answer = self.answer(&decision).await?;
        if first.is_none() || denied.is_none() {
            let request_id = self.request_id;
            *first = Some(First { request_id, denied });
        }
        Ok(answer)
    }

    async fn decide(&self, counts: bool) -> Result<Decision, EdgeError> {
        let (decisions, question) = (self.decisions, self.question);
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
            scope: Some(IpScope::Service(self.service)),
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

    /// The answer, which is let go once the decision is written. Made before, so that nothing of
    /// the decision is kept for the wait.
    fn answer(&self, decision: &Decision) -> impl Future<Output = Answer> + use<'_> {
        let written = self.decisions.record(&self.asked(), decision);
        let answer = answer::of(self.decisions, decision, self.request_id);
        async {
            written.await?;
            Ok(answer)
        }
    }

    fn asked(&self) -> Asked<'_> {
        let question = self.question;
        Asked {
            request_id: self.request_id,
            surface: Surface::Verify,
            method: question.method(),
            path: question.target().map_or("", |(path, _)| path),
            agent: "",
            ip: question.ip(),
            started: self.started,
            credits: question.credits(),
        }
    }
}

/// The service credential of a request to our own API.
pub fn authenticate(decisions: &Decisions, headers: &HeaderMap) -> Result<ApiKeyId, EdgeError> {
    let secret = credentials::service(headers).ok_or(EdgeError::ServiceCredential)?;
    let service = decisions.verifier().service(secret)?;
    service.map_or(Err(EdgeError::ServiceCredential), |known| Ok(known.id))
}

#[cfg(test)]
mod tests {
    use actix_web::Handler;

    use super::*;

    /// glibc hands out what is no larger from a cache of the thread. actix-web boxes the handler's
    /// future for each request, with some 150 bytes of its own.
    const CACHED_BYTES_MAX: usize = 1032;

    fn held<Args, H: Handler<Args>>(_: &H) -> usize {
        size_of::<H::Future>()
    }

    #[test]
    fn a_request_asks_for_no_more_memory_than_the_allocator_has_at_hand() {
        assert!(held(&post) + 150 <= CACHED_BYTES_MAX, "{}", held(&post));
    }
}
