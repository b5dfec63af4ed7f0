//! The gateway before an API of our own.

mod answers;
mod clients;
mod cors;
mod identity;
mod paths;
mod refusals;
mod slow;
mod smuggling;
mod streaming;

use std::net::SocketAddr;

use reqwest::RequestBuilder;
use reqwest::Response;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::edge::TestEdge;
use crate::support::upstream::Upstream;

/// The edge, its gateway, and the API behind it.
pub struct Behind {
    pub edge: TestEdge,
    pub at: SocketAddr,
    pub upstream: Upstream,
}

impl Behind {
    pub async fn echo() -> Self {
        Self::of(Upstream::echo().await)
    }

    pub async fn answering(answer: &str) -> Self {
        Self::of(Upstream::answering(answer).await)
    }

    pub fn of(upstream: Upstream) -> Self {
        let mut edge = TestEdge::start();
        let at = edge.gateway(&upstream.url);
        Self { edge, at, upstream }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// With a key that works.
    pub fn get(&self, path: &str) -> RequestBuilder {
        let key = self.edge.key();
        self.edge
            .client
            .get(self.url(path))
            .header("x-api-key", key.expose())
    }

    /// Sends bytes and reads what comes until the other side closes, or `wait_ms` pass in silence.
    pub async fn raw(&self, bytes: &[u8], wait_ms: u64) -> String {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        read_all(&mut stream, wait_ms).await
    }
}

pub async fn read_all(stream: &mut TcpStream, wait_ms: u64) -> String {
    let mut all = Vec::new();
    let mut buffer = [0; 4096];
    let silence = std::time::Duration::from_millis(wait_ms);
    while let Ok(Ok(count)) = tokio::time::timeout(silence, stream.read(&mut buffer)).await {
        if count == 0 {
            break;
        }
        all.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

pub async fn text(request: RequestBuilder) -> String {
    request.send().await.unwrap().text().await.unwrap()
}

/// Status and words of a refusal.
pub async fn refusal(response: Response) -> (u16, String) {
    assert!(response.headers().contains_key("x-request-id"));
    assert_eq!(response.headers()["content-type"], "application/json");
    (response.status().as_u16(), response.text().await.unwrap())
}
