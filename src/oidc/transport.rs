//! Questions to a provider: no redirects, no answer without an end, no patience without one.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::Response;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::Limited;
use hyper_rustls::HttpsConnector;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioTimer;

const CONNECT_TIME_MAX: Duration = Duration::from_secs(2);
/// For a whole question: somebody waits for the page.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
/// Key sets of large providers take some 20 KiB.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
const ANSWER_HEAD_BYTES_MAX: usize = 32 * 1024;
const IDLE_TIME_MAX: Duration = Duration::from_secs(10);
const IDLE_CONNECTIONS_MAX: usize = 4;

#[derive(Debug, thiserror::Error)]
pub enum TransportFault {
    #[error("no answer within {} s", ANSWER_TIME_MAX.as_secs())]
    Slow,
    #[error("{0}")]
    Broken(String),
}

#[derive(Clone)]
pub struct Transport(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Transport {
    pub fn new() -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT_TIME_MAX));
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            // Plain http is for this machine's own addresses; `metadata` sees to that.
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME_MAX)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .http1_max_buf_size(ANSWER_HEAD_BYTES_MAX)
            .build(connector);
        Self(client)
    }

    /// The whole answer, whatever its status.
    pub async fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportFault> {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        match tokio::time::timeout(ANSWER_TIME_MAX, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(TransportFault::Slow),
        }
    }

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Vec<u8>>, TransportFault> {
        let answer = self.0.request(request).await.map_err(|error| {
            // Its own words name no cause.
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            TransportFault::Broken(cause.unwrap_or_else(|| error.to_string()))
        })?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| TransportFault::Broken(error.to_string()))?;
        Ok(Response::from_parts(head, body.to_bytes().to_vec()))
    }
}
