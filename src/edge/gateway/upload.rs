//! The body of a request on its way to the upstream: a few pieces at a time, and not slower than a
//! minimum, because a slow body holds a place and a connection.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Payload;
use bytes::Bytes;
use futures_util::StreamExt;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::SizeHint;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Pieces that wait for the upstream. When they do, the client is not read from.
const PIECES_CAPACITY: usize = 4;
/// Longest silence of a client in the middle of a body.
const SILENCE_MAX: Duration = Duration::from_secs(8);
/// Waiting for a client may take this long before its rate counts.
const RATE_GRACE: Duration = Duration::from_secs(8);
const BYTES_PER_SECOND_MIN: u64 = 512;

/// Why a body ended before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadFault {
    #[error("the client's body came too slowly")]
    Slow,
    #[error("the client's body broke off")]
    Broken,
}

/// How the upload goes, for whoever waits for the answer.
pub struct Upload(Rc<Progress>);

struct Progress {
    /// When something last moved towards the upstream.
    moved: Cell<Instant>,
    fault: Cell<Option<UploadFault>>,
}

impl Upload {
    /// Starts moving the body, if there is one. It stops by itself when either end goes.
    pub fn of(request: &HttpRequest, payload: Payload) -> (Self, UploadBody) {
        let progress = Rc::new(Progress {
            moved: Cell::new(Instant::now()),
            fault: Cell::new(None),
        });
        let upload = Self(Rc::clone(&progress));
        let payload = payload.into_inner();
        if matches!(payload, dev::Payload::None) {
            return (upload, UploadBody::empty());
        }
        let (sender, pieces) = mpsc::channel(PIECES_CAPACITY);
        actix_web::rt::spawn(pump(payload, sender, progress));
        let body = UploadBody {
            pieces: Some(pieces),
            left: length_of(request),
        };
        (upload, body)
    }

    pub fn moved(&self) -> Instant {
        self.0.moved.get()
    }

    pub fn fault(&self) -> Option<UploadFault> {
        self.0.fault.get()
    }
}

fn length_of(request: &HttpRequest) -> Option<u64> {
    let value = request.headers().get(CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

type Piece = Result<Bytes, UploadFault>;

async fn pump(mut payload: dev::Payload, to: mpsc::Sender<Piece>, progress: Rc<Progress>) {
    let mut pace = Pace::default();
    loop {
        let asked = Instant::now();
        let piece = tokio::time::timeout(SILENCE_MAX, payload.next()).await;
        let fault = match piece {
            Ok(None) => return,
            Ok(Some(Ok(piece))) => {
                pace.add(asked.elapsed(), piece.len());
                progress.moved.set(Instant::now());
                if !pace.is_too_slow() {
                    if to.send(Ok(piece)).await.is_err() {
                        return;
                    }
                    progress.moved.set(Instant::now());
                    continue;
                }
                UploadFault::Slow
            }
            Ok(Some(Err(_))) => UploadFault::Broken,
            Err(_) => UploadFault::Slow,
        };
        progress.fault.set(Some(fault));
        // Breaks the upstream's request off, so that no half body passes for a whole one.
        let _ = to.send(Err(fault)).await;
        return;
    }
}

/// How long we waited for a client, and what came.
#[derive(Default)]
struct Pace {
    waited: Duration,
    bytes: u64,
}

impl Pace {
    fn add(&mut self, waited: Duration, bytes: usize) {
        self.waited += waited;
        self.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
    }

    fn is_too_slow(&self) -> bool {
        self.waited > RATE_GRACE && self.bytes < self.waited.as_secs() * BYTES_PER_SECOND_MIN
    }
}

/// The body as the client library takes it.
pub struct UploadBody {
    pieces: Option<mpsc::Receiver<Piece>>,
    /// What is still to come, where the client said so.
    left: Option<u64>,
}

impl UploadBody {
    fn empty() -> Self {
        Self {
            pieces: None,
            left: Some(0),
        }
    }
}

impl Body for UploadBody {
    type Data = Bytes;
    type Error = UploadFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadFault>>> {
        let Some(pieces) = &mut self.pieces else {
            return Poll::Ready(None);
        };
        let piece = std::task::ready!(pieces.poll_recv(cx));
        if let (Some(Ok(piece)), Some(left)) = (&piece, &mut self.left) {
            *left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_be_slow_for_a_while_and_then_must_keep_up() {
        let mut pace = Pace::default();
        pace.add(RATE_GRACE, 1);
        assert!(!pace.is_too_slow());
        pace.add(Duration::from_secs(2), 1);
        assert!(pace.is_too_slow());
        pace.add(Duration::ZERO, 10 * 512);
        assert!(!pace.is_too_slow());
    }
}
