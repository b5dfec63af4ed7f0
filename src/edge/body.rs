//! Reading a request's body: whole, small, and not for ever.

use std::future::poll_fn;
use std::pin::Pin;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Payload;
use bytes::Bytes;
use bytes::BytesMut;
use futures_util::StreamExt;

use crate::edge::error::EdgeError;

/// A body that takes longer is not waited for.
const BODY_TIME_MAX: Duration = Duration::from_secs(8);

/// The whole body, of at most `bytes_max`.
pub async fn read(
    request: &HttpRequest,
    payload: Payload,
    bytes_max: usize,
) -> Result<Bytes, EdgeError> {
    if announced(request).is_some_and(|bytes| bytes > bytes_max) {
        return Err(EdgeError::BodyTooLarge);
    }
    let mut body = pin!(whole(payload, bytes_max));
    // A small body is parsed right after its head, so it is there on the second look; only one
    // that is not costs a timer, and the room for it.
    match soon(body.as_mut()).await {
        Some(body) => body,
        None => Box::pin(tokio::time::timeout(BODY_TIME_MAX, body))
            .await
            .unwrap_or(Err(EdgeError::BodyTooSlow)),
    }
}

/// A body of one piece, as nearly every body is, is not copied.
async fn whole(mut payload: Payload, bytes_max: usize) -> Result<Bytes, EdgeError> {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|_| EdgeError::BodyBroken)?;
        if first.len().max(all.len()) + piece.len() > bytes_max {
            return Err(EdgeError::BodyTooLarge);
        }
        if first.is_empty() {
            first = piece;
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&piece);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

/// What `future` gives at once, or after all else that is ready now.
async fn soon<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    let mut looks = 0;
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if looks > 0 => Poll::Ready(None),
        Poll::Pending => {
            looks += 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

fn announced(request: &HttpRequest) -> Option<usize> {
    let value = request.headers().get(CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}
