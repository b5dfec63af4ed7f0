//! Requests that do not reach the API: status, headers and words of each.

use chrono::TimeDelta;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::endpoint::Method;
use latchkey::domain::endpoint::Surface;
use latchkey::domain::key_state::KeyTimes;

use super::Behind;
use super::refusal;
use crate::support::edge::TestEdge;
use crate::support::edge::plain_key;
use crate::support::upstream::Upstream;

#[tokio::test]
async fn a_key_that_does_not_work_is_refused_in_the_documented_words() {
    let behind = Behind::echo().await;
    let edge = &behind.edge;
    let past = Some(edge.now() - TimeDelta::seconds(1));
    let with = |times| edge.key_with(times).expose().to_owned();
    let none = KeyTimes::default();
    for (secret, words) in [
        (String::new(), "Invalid API Key"),
        ("nonsense".to_owned(), "Invalid API Key"),
        (plain_key().expose().to_owned(), "Invalid API Key"),
        (
            with(KeyTimes {
                disabled_at: past,
                ..none
            }),
            "Inactive API Key",
        ),
        (
            with(KeyTimes {
                revoked_at: past,
                ..none
            }),
            "Inactive API Key",
        ),
        (
            with(KeyTimes {
                expires_at: past,
                ..none
            }),
            "Expired API Key",
        ),
    ] {
        let request = edge.client.get(behind.url("/v1/documents"));
        let response = request.header("x-api-key", secret).send().await.unwrap();
        assert_eq!(
            response.headers()["www-authenticate"],
            r#"Bearer realm="latchkey", ApiKey realm="latchkey""#
        );
        let body = format!(r#"{{"error":"{words}"}}"#);
        assert_eq!(refusal(response).await, (401, body));
    }
    assert!(behind.upstream.received.lock().is_empty());
    let rows = edge.decided();
    assert_eq!(rows.len(), 3);
    for row in rows {
        assert_eq!(row.surface, Surface::Gateway);
        assert_eq!(row.method, Some(Method::Get));
        assert_eq!(row.path, "/v1/documents");
        assert_eq!(row.status, Some(401));
        assert_eq!(row.credits, 0);
    }
}

#[tokio::test]
async fn two_keys_a_key_in_the_url_and_a_foreign_customer_are_refused() {
    let behind = Behind::echo().await;
    let edge = &behind.edge;
    let (one, other) = (edge.key(), edge.key());
    let two = edge
        .client
        .get(behind.url("/"))
        .bearer_auth(one.expose())
        .header("x-api-key", other.expose());
    let in_url = edge
        .client
        .get(behind.url(&format!("/?x={}", one.expose())))
        .header("x-api-key", one.expose());
    let customer = behind.get("/").header("customer-id", "somebody");
    for (request, status, words) in [
        (two, 400, "Send one API key in one header"),
        (in_url, 400, "Send the API key in a header, not in the URL"),
        (
            customer,
            403,
            "The customer-id is not the one of this API key",
        ),
    ] {
        let response = request.send().await.unwrap();
        let body = format!(r#"{{"error":"{words}"}}"#);
        assert_eq!(refusal(response).await, (status, body));
    }
    assert!(behind.upstream.received.lock().is_empty());
    let denied: Vec<_> = edge.decided().iter().map(|row| row.denied).collect();
    assert_eq!(
        denied,
        [
            Some(DenyReason::KeyInUrl),
            Some(DenyReason::CustomerMismatch)
        ]
    );
}

#[tokio::test]
async fn methods_that_nobody_serves_are_refused() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    for method in ["TRACE", "PROPFIND", "get", "BREW"] {
        let response = behind
            .edge
            .client
            .request(method.parse().unwrap(), behind.url("/"))
            .bearer_auth(key.expose())
            .send()
            .await
            .unwrap();
        assert_eq!(
            response.headers()["allow"],
            "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        );
        let body = r#"{"error":"This method is not allowed here"}"#.to_owned();
        assert_eq!(refusal(response).await, (405, body));
    }
    let connect = format!(
        "CONNECT x:1 HTTP/1.1\r\nhost: x:1\r\nx-api-key: {}\r\n\r\n",
        key.expose()
    );
    let answer = behind.raw(connect.as_bytes(), 500).await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(behind.upstream.received.lock().is_empty());
}

#[tokio::test]
async fn what_is_too_long_is_refused() {
    let behind = Behind::echo().await;
    let path = format!("/{}", "a".repeat(2048));
    let response = behind.get(&path).send().await.unwrap();
    let body = r#"{"error":"The URL is too long"}"#.to_owned();
    assert_eq!(refusal(response).await, (414, body));
    let request = behind.get("/").header("x-long", "a".repeat(8 * 1024 + 1));
    let body = r#"{"error":"A header is too long"}"#.to_owned();
    assert_eq!(refusal(request.send().await.unwrap()).await, (431, body));
    let enough = behind
        .get(&path[..2048])
        .header("x-long", "a".repeat(8 * 1024));
    assert_eq!(enough.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn nothing_is_forwarded_on_old_news_or_without_a_record() {
    let behind = Behind::echo().await;
    behind.edge.lapse();
    let lapsed = behind.get("/").send().await.unwrap();
    let upstream = Upstream::echo().await;
    let mut full = TestEdge::start_with_full_spool();
    let at = full.gateway(&upstream.url);
    let request = full.client.get(format!("http://{at}/"));
    let unwritten = request
        .bearer_auth(full.key().expose())
        .send()
        .await
        .unwrap();
    for response in [lapsed, unwritten] {
        assert_eq!(response.headers()["retry-after"], "1");
        let body = r#"{"error":"Latchkey cannot decide just now; try again","code":"UNAVAILABLE"}"#;
        assert_eq!(refusal(response).await, (503, body.to_owned()));
    }
    assert!(behind.upstream.received.lock().is_empty());
    assert!(upstream.received.lock().is_empty());
}
