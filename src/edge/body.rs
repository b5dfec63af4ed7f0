//! Reading a request's body: whole, small, and not for ever.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Payload;
use bytes::Bytes;

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
    match tokio::time::timeout(BODY_TIME_MAX, payload.to_bytes_limited(bytes_max)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(EdgeError::BodyBroken),
        Ok(Err(_)) => Err(EdgeError::BodyTooLarge),
        Err(_) => Err(EdgeError::BodyTooSlow),
    }
}

fn announced(request: &HttpRequest) -> Option<usize> {
    let value = request.headers().get(CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}
