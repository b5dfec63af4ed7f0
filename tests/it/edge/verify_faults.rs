//! Bodies that are not a question: what is wrong is said, what was sent is not repeated.

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::gateway::read_all;
use crate::support::edge::TestEdge;

#[tokio::test]
async fn a_malformed_body_is_told_by_its_field() {
    let edge = TestEdge::start();
    for (body, field) in [
        (r"{}", Some("key")),
        (r#"{"key": null}"#, Some("key")),
        (r#"{"key": 5}"#, Some("key")),
        (r#"{"key": "k", "ip": "localhost"}"#, Some("ip")),
        (r#"{"key": "k", "ip": 7}"#, Some("ip")),
        (r#"{"key": "k", "credits": -1}"#, Some("credits")),
        (r#"{"key": "k", "credits": 1.5}"#, Some("credits")),
        (r#"{"key": "k", "credits": "1"}"#, Some("credits")),
        (r#"{"key": "k", "credits": 4294967296}"#, Some("credits")),
        (r#"{"key": "k", "credits": 1000001}"#, Some("credits")),
        (
            r#"{"key": "k", "method": "TRACE", "path": "/"}"#,
            Some("method"),
        ),
        (
            r#"{"key": "k", "method": "get", "path": "/"}"#,
            Some("method"),
        ),
        (r#"{"key": "k", "method": "GET"}"#, Some("path")),
        (r#"{"key": "k", "path": "/"}"#, Some("method")),
        (
            r#"{"key": "k", "method": "GET", "path": "v1"}"#,
            Some("path"),
        ),
        (r#"{"key": "k", "request_id": ""}"#, Some("request_id")),
        (r#"{"key": "k", "request_id": 5}"#, Some("request_id")),
        (r#"{"key": "k", "permision": "a:b"}"#, Some("permision")),
        (r#"{"key": "k", "lk_4fZk0QpL9aBc_x": 1}"#, None),
        (r#"{"key": "k", "key": "l"}"#, None),
        (r#"["k"]"#, None),
        (r#""k""#, None),
        (r#"{"key": "k""#, None),
        ("", None),
        ("key=k", None),
        ("{\"key\": \"\\ud800\"}", None),
    ] {
        let response = edge.verify(body).await;
        assert_eq!(response.status(), 400, "{body}");
        assert_eq!(response.headers()["content-type"], "application/json");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["field"].as_str(), field, "{body}");
        let words = answer["error"].as_str().unwrap();
        assert!(!words.contains("lk_") && !words.is_empty(), "{words}");
        if let Some(field) = field {
            assert!(words.contains(field), "{words}");
        }
    }
}

#[tokio::test]
async fn a_long_request_id_is_refused() {
    let edge = TestEdge::start();
    let body = format!(r#"{{"key": "k", "request_id": "{}"}}"#, "r".repeat(129));
    let answer: Value = edge.verify(body).await.json().await.unwrap();
    assert_eq!(answer["field"], "request_id");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let edge = TestEdge::start();
    let response = edge.verify(b"{\"key\": \"\xff\xfe\"}".to_vec()).await;
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn a_body_of_more_than_16_kib_is_refused_announced_or_not() {
    let edge = TestEdge::start();
    let body = format!(r#"{{"key": "{}"}}"#, "k".repeat(16 * 1024));
    let pieces: Vec<Result<String, std::io::Error>> = vec![Ok(body.clone())];
    let streamed = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    for response in [edge.verify(body).await, edge.verify(streamed).await] {
        assert_eq!(response.status(), 413);
        assert_eq!(
            response.text().await.unwrap(),
            r#"{"error":"The body is too large"}"#
        );
    }
}

#[tokio::test]
async fn a_body_that_stalls_is_not_waited_for() {
    let edge = TestEdge::start();
    let mut stream = TcpStream::connect(edge.api).await.unwrap();
    let head = format!(
        "POST /v1/keys/verify HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\ncontent-length: 9\r\n\r\n{{",
        edge.service()
    );
    // Behind a request that is whole, and again on its own.
    for before in ["GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", ""] {
        if before.is_empty() {
            stream = TcpStream::connect(edge.api).await.unwrap();
        }
        let bytes = [before, &head].concat();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let answer = read_all(&mut stream, 9_500).await;
        assert!(answer.contains("HTTP/1.1 408 "), "{answer}");
        assert!(
            answer.ends_with(r#"{"error":"The body came too slowly"}"#),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_body_in_pieces_is_put_together() {
    let edge = TestEdge::start();
    let body = format!(r#"{{"key": "{}"}}"#, edge.key().expose());
    let pieces: Vec<Result<String, std::io::Error>> =
        body.chars().map(|letter| Ok(letter.to_string())).collect();
    let streamed = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    assert_eq!(edge.verify(streamed).await.status(), 200);
}

#[tokio::test]
async fn any_content_type_will_do() {
    let edge = TestEdge::start();
    let key = edge.key();
    let response = edge
        .client
        .post(edge.url("/v1/keys/verify"))
        .header("authorization", edge.service())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!(r#"{{"key": "{}"}}"#, key.expose()))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
}
