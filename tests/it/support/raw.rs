//! Requests byte by byte, as no well-behaved client sends them.

use std::net::SocketAddr;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Sends a head (each line without its end, the request line first) and gives the whole answer.
pub async fn exchange(address: SocketAddr, lines: &[&[u8]], body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut request = lines.join(&b"\r\n"[..]);
    request.extend_from_slice(b"\r\nHost: keys.example\r\nConnection: close\r\n\r\n");
    request.extend_from_slice(body);
    stream.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
