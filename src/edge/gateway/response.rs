//! The upstream's answer on its way back: its status, its headers without ours and the hop's, and
//! its body as it comes.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::body::BodySize;
use actix_web::body::BoxBody;
use actix_web::body::MessageBody;
use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::Version;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::http::header::HeaderValue;
use bytes::Bytes;
use http::Response;
use hyper::body::Body;
use hyper::body::Incoming;
use tokio::time::Instant;
use tokio::time::Sleep;

use crate::edge::gateway::headers;
use crate::edge::gateway::in_flight::Place;

/// Longest silence of an upstream in the middle of a body.
const SILENCE_MAX: Duration = Duration::from_mins(1);
/// Longest that an answer may take altogether.
const ANSWER_TIME_MAX: Duration = Duration::from_mins(15);

/// An upstream that stopped, or never stops.
#[derive(Debug, thiserror::Error)]
#[error("the upstream's body did not come in time")]
struct TooSlow;

pub fn build(answer: Response<Incoming>, request: &HttpRequest, place: Place) -> HttpResponse {
    let (head, body) = answer.into_parts();
    let status = StatusCode::from_u16(head.status.as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let announced = head.headers.get(http::header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let mut onward = HttpResponse::new(status);
    headers::for_each_returned(&head.headers, |name, value| {
        onward.headers_mut().append(name, value);
    });
    let bodiless = request.method() == Method::HEAD;
    if status == StatusCode::NOT_MODIFIED || status == StatusCode::NO_CONTENT {
        if let Some(length) = announced.filter(|_| status == StatusCode::NOT_MODIFIED) {
            onward
                .headers_mut()
                .insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        return onward.set_body(BoxBody::new(actix_web::body::None::new()));
    }
    let size = match announced.or_else(|| body.size_hint().exact()) {
        Some(length) if !bodiless || announced.is_some() => BodySize::Sized(length),
        _ => BodySize::Stream,
    };
    if size == BodySize::Stream && request.version() < Version::HTTP_11 {
        // Such a client knows no chunks: the end of the connection is the end of the body.
        onward.head_mut().no_chunking(true);
        onward
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
    }
    onward.set_body(BoxBody::new(Relayed {
        body: (!bodiless).then_some(body),
        size,
        until: Instant::now() + ANSWER_TIME_MAX,
        silence: None,
        _place: place,
    }))
}

/// Passes pieces on one by one; asks for the next when the last is on its way.
struct Relayed {
    body: Option<Incoming>,
    size: BodySize,
    until: Instant,
    /// Runs while we wait.
    silence: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

impl Relayed {
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let until = self.until;
        let silence = self.silence.get_or_insert_with(|| {
            Box::pin(tokio::time::sleep_until(
                until.min(Instant::now() + SILENCE_MAX),
            ))
        });
        std::task::ready!(silence.as_mut().poll(cx));
        Poll::Ready(Some(Err(Box::new(TooSlow))))
    }
}

type BodyError = Box<dyn std::error::Error>;

impl MessageBody for Relayed {
    type Error = BodyError;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BodyError>>> {
        loop {
            let Some(body) = &mut self.body else {
                return Poll::Ready(None);
            };
            let frame = match Pin::new(body).poll_frame(cx) {
                Poll::Pending => return self.wait(cx),
                Poll::Ready(frame) => frame,
            };
            self.silence = None;
            match frame {
                None => return Poll::Ready(None),
                Some(Err(cause)) => return Poll::Ready(Some(Err(Box::new(cause)))),
                // Trailers are not passed on.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) if !piece.is_empty() => return Poll::Ready(Some(Ok(piece))),
                    _ => {}
                },
            }
        }
    }
}
