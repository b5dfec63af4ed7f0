//! Both ways as it comes: the first piece is through before the last is sent.

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::Behind;
use crate::support::upstream::Upstream;
use crate::support::upstream::read_request;

#[tokio::test]
async fn the_first_piece_of_an_answer_arrives_before_the_last_is_sent() {
    let (go_on, wait) = mpsc::channel::<()>(1);
    let wait = std::sync::Arc::new(tokio::sync::Mutex::new(wait));
    let upstream = Upstream::speaking(move |mut stream| {
        let wait = std::sync::Arc::clone(&wait);
        async move {
            read_request(&mut stream).await;
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n";
            stream.write_all(head).await.unwrap();
            wait.lock().await.recv().await;
            stream.write_all(b"4\r\nlast\r\n0\r\n\r\n").await.unwrap();
        }
    })
    .await;
    let behind = Behind::of(upstream);
    let response = behind.get("/events").send().await.unwrap();
    let mut pieces = response.bytes_stream();
    assert_eq!(pieces.next().await.unwrap().unwrap(), "first");
    go_on.send(()).await.unwrap();
    assert_eq!(pieces.next().await.unwrap().unwrap(), "last");
    assert!(pieces.next().await.is_none());
}

#[tokio::test]
async fn the_first_piece_of_a_request_arrives_before_the_last_is_sent() {
    let (arrived, mut first) = mpsc::channel::<String>(8);
    let upstream = Upstream::speaking(move |mut stream| {
        let arrived = arrived.clone();
        async move {
            let mut all = String::new();
            let mut buffer = [0; 1024];
            while !all.ends_with("0\r\n\r\n") {
                let count = stream.read(&mut buffer).await.unwrap();
                assert!(count > 0, "{all}");
                all.push_str(str::from_utf8(&buffer[..count]).unwrap());
                let _ = arrived.send(all.clone()).await;
            }
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            stream.write_all(answer).await.unwrap();
        }
    })
    .await;
    let behind = Behind::of(upstream);
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let body = futures_util::stream::unfold(receiver, |mut pieces| async move {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    let key = behind.edge.key();
    let call = behind
        .edge
        .client
        .post(behind.url("/upload"))
        .bearer_auth(key.expose())
        .body(reqwest::Body::wrap_stream(body))
        .send();
    let call = tokio::spawn(call);
    sender.send(Ok(Bytes::from_static(b"first"))).await.unwrap();
    let mut seen = String::new();
    while !seen.contains("first") {
        seen = first.recv().await.unwrap();
    }
    sender.send(Ok(Bytes::from_static(b"last"))).await.unwrap();
    drop(sender);
    assert_eq!(call.await.unwrap().unwrap().text().await.unwrap(), "ok");
}

#[tokio::test]
async fn a_large_body_is_passed_on_whole_in_both_directions() {
    let upstream = Upstream::speaking(|mut stream| async move {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let mut body = vec![0; 3_000_000];
        stream.read_exact(&mut body).await.unwrap();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 3000000\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        stream.write_all(&body).await.unwrap();
    })
    .await;
    let behind = Behind::of(upstream);
    let body: Vec<u8> = (0..3_000_000_u32)
        .map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1])
        .collect();
    let key = behind.edge.key();
    let request = behind
        .edge
        .client
        .put(behind.url("/"))
        .bearer_auth(key.expose());
    let response = request.body(body.clone()).send().await.unwrap();
    assert_eq!(response.headers()["content-length"], "3000000");
    assert!(response.bytes().await.unwrap() == body);
}

#[tokio::test]
async fn a_connection_to_the_api_is_used_again() {
    let (count, mut connections) = mpsc::channel::<()>(100);
    let upstream = Upstream::speaking(move |mut stream| {
        let count = count.clone();
        async move {
            count.send(()).await.unwrap();
            while read_request(&mut stream).await.is_some() {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer).await.unwrap();
            }
        }
    })
    .await;
    let behind = Behind::of(upstream);
    for _ in 0..10 {
        assert_eq!(super::text(behind.get("/")).await, "ok");
    }
    assert!(connections.recv().await.is_some());
    assert!(connections.try_recv().is_err());
}
