//! An API behind the gateway, down to its bytes.

use std::future::Future;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

pub struct Upstream {
    pub url: String,
    /// Every request that came, head and body, as it came.
    pub received: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Upstream {
    /// Answers each request with the request itself.
    pub async fn echo() -> Self {
        Self::answering_by(|request| {
            let length = request.len();
            format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\ncontent-type: text/plain\r\n\r\n{request}").into_bytes()
        })
        .await
    }

    /// Answers each request with these bytes.
    pub async fn answering(answer: &str) -> Self {
        let answer = answer.as_bytes().to_vec();
        Self::answering_by(move |_| answer.clone()).await
    }

    async fn answering_by(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let received = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&received);
        let answer = Arc::new(answer);
        let mut upstream = Self::speaking(move |mut stream| {
            let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
            async move {
                while let Some(request) = read_request(&mut stream).await {
                    seen.lock().push(request.clone());
                    if stream.write_all(&answer(&request)).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
        upstream.received = received;
        upstream
    }

    /// Does with each connection whatever `conversation` does.
    pub async fn speaking<F, T>(conversation: F) -> Self
    where
        F: Fn(TcpStream) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(conversation(stream));
            }
        });
        Self {
            url,
            received: Arc::default(),
            task,
        }
    }

    /// The only request that came.
    pub fn only(&self) -> String {
        let received = self.received.lock();
        assert_eq!(received.len(), 1, "{received:?}");
        received[0].clone()
    }
}

/// One whole request; `None` at the end of the connection.
pub async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let byte = stream.read_u8().await.ok()?;
        bytes.push(byte);
        if is_whole(&bytes) {
            return Some(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_ascii_lowercase();
    if head.contains("transfer-encoding: chunked") {
        return body.ends_with("0\r\n\r\n");
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    body.len() >= length
}
