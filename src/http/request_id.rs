//! Gives each request its id, before anything else sees it, and puts it on the answer.
//!
//! ```text
//! App::new().wrap(RequestIds::new(clock, random))   // outermost: wrap it last
//! async fn handler(id: RequestId) -> …              // the same id
//! ```

use std::fmt;
use std::future::Ready;
use std::future::ready;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use actix_web::Error;
use actix_web::FromRequest;
use actix_web::HttpMessage;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::dev::Service;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::dev::Transform;
use actix_web::dev::forward_ready;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderName;
use actix_web::http::header::HeaderValue;
use futures_util::future::Either;
use pin_project_lite::pin_project;

use crate::domain::clock::SharedClock;
use crate::domain::random::PooledRandom;
use crate::domain::random::SharedRandom;
use crate::domain::request_id::RequestId;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware.
#[derive(Clone)]
pub struct RequestIds {
    clock: SharedClock,
    random: SharedRandom,
}

impl RequestIds {
    pub fn new(clock: SharedClock, random: SharedRandom) -> Self {
        Self {
            clock,
            random: PooledRandom::shared(random),
        }
    }
}

impl<S, B> Transform<S, ServiceRequest> for RequestIds
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = RequestIdService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(RequestIdService {
            service,
            source: self.clone(),
        }))
    }
}

pub struct RequestIdService<S> {
    service: S,
    source: RequestIds,
}

impl<S, B> Service<ServiceRequest> for RequestIdService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Either<Ready<Result<Self::Response, Error>>, Answer<S::Future>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let id = RequestId::generate(self.source.clock.now(), &*self.source.random);
        let Ok(id) = id else {
            return Either::Left(ready(Err(NoId.into())));
        };
        request.extensions_mut().insert(id);
        let answer = self.service.call(request);
        Either::Right(Answer { answer, id })
    }
}

pin_project! {
    /// The answer to come, with its id on it. By hand, so that no request asks for memory for it.
    pub struct Answer<F> {
        #[pin]
        answer: F,
        id: RequestId,
    }
}

impl<F, B> Future for Answer<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let id = *this.id;
        this.answer.poll(cx).map(|answer| match answer {
            Ok(mut response) => {
                mark(response.headers_mut(), id);
                Ok(response)
            }
            Err(cause) => Err(Marked { id, cause }.into()),
        })
    }
}

fn mark(headers: &mut HeaderMap, id: RequestId) {
    if let Ok(value) = HeaderValue::from_bytes(id.as_bytes()) {
        headers.insert(HEADER, value);
    }
}

/// An error that leaves the middleware is made an answer outside of it; so the id travels along.
#[derive(Debug)]
struct Marked {
    id: RequestId,
    cause: Error,
}

impl fmt::Display for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl ResponseError for Marked {
    fn status_code(&self) -> StatusCode {
        self.cause.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = self.cause.error_response();
        mark(response.headers_mut(), self.id);
        response
    }
}

/// Without randomness there is no id, and nothing else that is safe to do either.
#[derive(Debug, thiserror::Error)]
#[error("this request could not be given an id")]
struct NoId;

impl ResponseError for NoId {
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::ServiceUnavailable().finish()
    }
}

impl FromRequest for RequestId {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(of(request).ok_or_else(|| NoId.into()))
    }
}

/// The id of `request`; `None` only where the middleware is missing.
pub fn of(request: &HttpRequest) -> Option<RequestId> {
    request.extensions().get::<RequestId>().copied()
}
