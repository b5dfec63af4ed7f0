//! `/healthz`, `/readyz`, `/metrics`, and what is nowhere.

use serde_json::json;

use crate::support::edge::TestEdge;

async fn get(edge: &TestEdge, path: &str) -> (u16, String) {
    let response = edge.client.get(edge.url(path)).send().await.unwrap();
    assert!(response.headers().contains_key("x-request-id"));
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_node_is_ready_while_it_may_decide_and_write() {
    let edge = TestEdge::start();
    let ready = r#"{"ready":true,"mirror":"ok","database":"ok","spool":"ok"}"#;
    assert_eq!(get(&edge, "/readyz").await, (200, ready.to_owned()));
    edge.lapse();
    let lapsed = r#"{"ready":false,"mirror":"failing","database":"failing","spool":"ok"}"#;
    assert_eq!(get(&edge, "/readyz").await, (503, lapsed.to_owned()));
    assert_eq!(get(&edge, "/healthz").await.0, 200);
}

#[tokio::test]
async fn decisions_are_counted_by_face_and_code() {
    let edge = TestEdge::start();
    edge.verify(json!({ "key": edge.key().expose() }).to_string())
        .await;
    let (status, text) = get(&edge, "/metrics").await;
    assert_eq!(status, 200);
    let line = r#"latchkey_decisions_total{surface="verify",code="VALID"} "#;
    let count = text.lines().find_map(|row| row.strip_prefix(line)).unwrap();
    assert!(count.parse::<u64>().unwrap() >= 1);
    assert!(text.contains("latchkey_spool_healthy 1"));
}

#[tokio::test]
async fn what_is_not_there_is_said_in_json() {
    let edge = TestEdge::start();
    assert_eq!(
        get(&edge, "/nowhere").await,
        (
            404,
            r#"{"error":"There is nothing at this URL"}"#.to_owned()
        )
    );
    for (path, allowed) in [
        ("/v1/keys/verify", "POST"),
        ("/v1/keys/self", "GET, DELETE"),
        ("/healthz", "GET"),
        ("/readyz", "GET"),
        ("/metrics", "GET"),
    ] {
        let response = edge.client.patch(edge.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.headers()["allow"], allowed, "{path}");
        assert_eq!(
            response.text().await.unwrap(),
            r#"{"error":"This method is not allowed here"}"#
        );
    }
}
