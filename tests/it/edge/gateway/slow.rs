//! Slow clients, slow APIs, and too many calls at once.

use std::time::Duration;
use std::time::Instant;

use futures_util::future::join_all;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::Behind;
use super::read_all;
use super::refusal;
use super::text;
use crate::edge::limits::DAILY;
use crate::edge::limits::grant_a_hundred;
use crate::support::upstream::Upstream;
use crate::support::upstream::read_request;

#[tokio::test]
async fn a_body_that_stalls_is_closed_within_ten_seconds() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    let started = Instant::now();
    let mut stream = TcpStream::connect(behind.at).await.unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\nx-api-key: {}\r\n\r\nhalf",
        key.expose()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_all(&mut stream, 12_000).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(
        answer.ends_with(r#"{"error":"The body came too slowly"}"#),
        "{answer}"
    );
    assert!(started.elapsed() < Duration::from_secs(10));
    let [completed] = behind.edge.completed().try_into().unwrap();
    assert_eq!(completed.status, 408);
    assert!(behind.upstream.received.lock().is_empty());
}

#[tokio::test]
async fn a_key_may_have_sixty_four_calls_under_way_and_no_more() {
    let gate: &'static Semaphore = Box::leak(Box::new(Semaphore::new(0)));
    let upstream = Upstream::speaking(move |mut stream| async move {
        while read_request(&mut stream).await.is_some() {
            gate.acquire().await.unwrap().forget();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            stream.write_all(answer).await.unwrap();
        }
    })
    .await;
    let behind = Behind::of(upstream);
    let granter = grant_a_hundred(&behind.edge.mirror);
    let key = behind.edge.key_within(&DAILY);
    let call = || {
        let request = behind.edge.client.get(behind.url("/"));
        request.bearer_auth(key.expose()).send()
    };
    let calls: Vec<_> = (0..64).map(|_| tokio::spawn(call())).collect();
    while behind.edge.decided().len() < 64 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let one_more = call().await.unwrap();
    assert_eq!(one_more.headers()["retry-after"], "1");
    let body = r#"{"error":"Too many requests with this API key at once"}"#.to_owned();
    assert_eq!(refusal(one_more).await, (429, body));
    assert_eq!(behind.edge.decided()[64].status, Some(429));
    gate.add_permits(100);
    for answer in join_all(calls).await {
        assert_eq!(answer.unwrap().unwrap().text().await.unwrap(), "ok");
    }
    assert_eq!(text(behind.get("/")).await, "ok");
    // The one that was refused has cost nothing.
    let last = json!({"key": key.expose()}).to_string();
    let last: Value = behind.edge.verify(last).await.json().await.unwrap();
    assert_eq!(last["limits"][0]["used"], 65);
    granter.abort();
}

/// Waits for 30 s.
#[tokio::test]
async fn an_api_that_says_nothing_is_504() {
    let upstream = Upstream::speaking(|mut stream| async move {
        read_request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let behind = Behind::of(upstream);
    let started = Instant::now();
    let response = behind.get("/").send().await.unwrap();
    let body = r#"{"error":"The API behind this gateway did not answer in time"}"#.to_owned();
    assert_eq!(refusal(response).await, (504, body));
    assert!((29..33).contains(&started.elapsed().as_secs()));
    let [completed] = behind.edge.completed().try_into().unwrap();
    assert_eq!(completed.status, 504);
}
