//! Bytes that two servers may count differently: refused, or built anew, never passed on.

use super::Behind;

/// Each of these with a key that works; the hidden request would be `GET /hidden`.
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nhost: x\r\n\r\n";

fn attempts(key: &str) -> Vec<String> {
    let head = format!("POST /a HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n");
    let length = HIDDEN.len();
    [
        format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}"),
        format!("transfer-encoding: chunked\r\ncontent-length: {length}\r\n\r\n0\r\n\r\n{HIDDEN}"),
        format!("content-length: 0\r\ncontent-length: {length}\r\n\r\n{HIDDEN}"),
        format!("content-length: {length}\r\ncontent-length: 0\r\n\r\n{HIDDEN}"),
        format!("content-length: 0, {length}\r\n\r\n{HIDDEN}"),
        format!("content-length: +{length}\r\n\r\n{HIDDEN}"),
        format!("content-length: -1\r\n\r\n{HIDDEN}"),
        format!("content-length: 0x10\r\n\r\n{HIDDEN}"),
        format!("content-length: 99999999999999999999\r\n\r\n{HIDDEN}"),
        format!("transfer-encoding: xchunked\r\n\r\n0\r\n\r\n{HIDDEN}"),
        format!("transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{HIDDEN}"),
        format!("transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n{HIDDEN}"),
        format!("transfer-encoding : chunked\r\n\r\n0\r\n\r\n{HIDDEN}"),
        format!("transfer-encoding:\x0bchunked\r\n\r\n0\r\n\r\n{HIDDEN}"),
        format!(" transfer-encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}"),
        format!("x: y\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}"),
        format!("x: y\rtransfer-encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}"),
        format!("x: y\0\r\ncontent-length: {length}\r\n\r\n{HIDDEN}"),
        format!("transfer_encoding: chunked\r\ncontent-length: {length}\r\n\r\n{HIDDEN}"),
        format!("connection: content-length\r\ncontent-length: {length}\r\n\r\n{HIDDEN}"),
        format!("connection: transfer-encoding\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{HIDDEN}\r\n0\r\n\r\n"),
        format!("expect: 100-continue\r\ncontent-length: {length}\r\n\r\n{HIDDEN}"),
        format!("transfer-encoding: chunked\r\n\r\n{length:x};a=\"\r\n\"\r\n{HIDDEN}\r\n0\r\n\r\n"),
        format!("transfer-encoding: chunked\r\n\r\n{length:x} \r\n{HIDDEN}\r\n0\r\n\r\n"),
        format!("transfer-encoding: chunked\r\n\r\n{length:x}\n{HIDDEN}\r\n0\r\n\r\n"),
        format!("transfer-encoding: chunked\r\n\r\n0\r\nx-api-key: t\r\n\r\n{HIDDEN}"),
        format!("content-length: {length}\n\n{HIDDEN}"),
    ]
    .into_iter()
    .map(|rest| format!("{head}{rest}"))
    .collect()
}

#[tokio::test]
async fn no_request_is_hidden_in_another() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    for attempt in attempts(key.expose()) {
        behind.upstream.received.lock().clear();
        let before = behind.edge.decided().len();
        let answer = behind.raw(attempt.as_bytes(), 300).await;
        let received = behind.upstream.received.lock().clone();
        let decided = behind.edge.decided().len() - before;
        // The upstream counts as we count, and what was hidden is nothing but a body to it.
        assert!(received.len() <= decided, "{attempt}\n{received:?}");
        for request in received {
            assert!(
                request.starts_with("POST /a HTTP/1.1\r\n"),
                "{attempt}\n{request}"
            );
        }
        // Where the hidden request is seen as one, it is one: without a key, and so refused.
        let answers = answer.matches("HTTP/1.1 ").count();
        assert!(answers >= 1 || answer.is_empty(), "{attempt}\n{answer}");
    }
}

#[tokio::test]
async fn the_body_of_a_refused_request_is_never_read_as_the_next() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    let hidden = format!(
        "GET /hidden HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\n\r\n",
        key.expose()
    );
    let refused = format!(
        "POST /a HTTP/1.1\r\nhost: x\r\nx-api-key: wrong\r\ncontent-length: {}\r\n\r\n{hidden}",
        hidden.len()
    );
    let answer = behind.raw(refused.as_bytes(), 500).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(behind.upstream.received.lock().is_empty());
}

#[tokio::test]
async fn two_requests_in_one_write_are_two_requests() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    let one = |path: &str, end: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\n{end}\r\n",
            key.expose()
        )
    };
    let both = [one("/one", ""), one("/two", "connection: close\r\n")].concat();
    let answer = behind.raw(both.as_bytes(), 2_000).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{answer}");
    let paths: Vec<_> = behind
        .edge
        .decided()
        .into_iter()
        .map(|row| row.path.into_owned())
        .collect();
    assert_eq!(paths, ["/one", "/two"]);
}
