//! Connections to the upstream: kept alive, one pool per worker, and no patience without an end.

use std::error::Error;
use std::io;
use std::time::Duration;

use http::Request;
use http::Response;
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioTimer;
use tokio::time::Instant;

use crate::edge::error::EdgeError;
use crate::edge::gateway::upload::Upload;
use crate::edge::gateway::upload::UploadBody;
use crate::edge::gateway::upload::UploadFault;

const CONNECT_TIME_MAX: Duration = Duration::from_secs(1);
/// From the last piece of the request to the head of its answer.
const FIRST_BYTE_TIME_MAX: Duration = Duration::from_secs(30);
/// Shorter than common servers keep a connection, so that they seldom close one under a request.
const IDLE_TIME_MAX: Duration = Duration::from_secs(4);
const IDLE_CONNECTIONS_MAX: usize = 256;
const ANSWER_HEAD_BYTES_MAX: usize = 64 * 1024;

#[derive(Clone)]
pub struct Transport(Client<HttpsConnector<HttpConnector>, UploadBody>);

impl Transport {
    pub fn new() -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIME_MAX));
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME_MAX)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .http1_max_buf_size(ANSWER_HEAD_BYTES_MAX)
            // Nothing that was sent is ever sent again: the library retries only what it has not
            // begun to write, when a kept connection turns out to be closed.
            .retry_canceled_requests(true)
            .build(connector);
        Self(client)
    }

    /// The upstream's head; its body is still to come.
    pub async fn send(
        &self,
        request: Request<UploadBody>,
        upload: &Upload,
    ) -> Result<Response<Incoming>, EdgeError> {
        let mut answer = self.0.request(request);
        let answer = loop {
            let patience = upload.moved() + FIRST_BYTE_TIME_MAX;
            match tokio::time::timeout_at(patience, &mut answer).await {
                Ok(answer) => break answer,
                // A long upload is no slow upstream.
                Err(_) if upload.moved() + FIRST_BYTE_TIME_MAX > Instant::now() => {}
                Err(_) => return Err(EdgeError::SlowUpstream),
            }
        };
        match answer {
            Ok(answer) if answer.status().is_informational() => Err(EdgeError::BadUpstream),
            Ok(answer) => Ok(answer),
            Err(cause) => Err(fault(upload, &cause)),
        }
    }
}

/// Whose fault it is that there is no answer.
fn fault(upload: &Upload, cause: &(dyn Error + 'static)) -> EdgeError {
    match upload.fault() {
        Some(UploadFault::Slow) => return EdgeError::BodyTooSlow,
        Some(UploadFault::Broken) => return EdgeError::BodyBroken,
        None => {}
    }
    if timed_out(cause) {
        EdgeError::SlowUpstream
    } else {
        EdgeError::BadUpstream
    }
}

fn timed_out(cause: &(dyn Error + 'static)) -> bool {
    let own = cause
        .downcast_ref::<io::Error>()
        .is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut);
    own || cause.source().is_some_and(timed_out)
}
