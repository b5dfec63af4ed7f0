//! Keys that are bound to addresses and to web pages.

use latchkey::crypto::key_secret::PlainKey;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::key_state::KeyTimes;
use latchkey::domain::network::Network;
use serde_json::Value;
use serde_json::json;

use crate::edge::gateway::Behind;
use crate::support::edge::TestEdge;

const PAGE: &str = "https://app.example";

fn from(edge: &TestEdge, ips: &[&str]) -> PlainKey {
    let ips = ips.iter().map(|ip| ip.parse().unwrap()).collect();
    let network = Network {
        ips,
        ..Network::default()
    };
    edge.key_from(KeyTimes::default(), network)
}

fn in_page(edge: &TestEdge) -> PlainKey {
    let network = Network {
        origins: [PAGE.into()].into(),
        ..Network::default()
    };
    edge.key_from(KeyTimes::default(), network)
}

async fn verify(edge: &TestEdge, body: Value) -> (bool, Value, Value) {
    let told: Value = edge.verify(body.to_string()).await.json().await.unwrap();
    let valid = told["valid"].as_bool().unwrap();
    (valid, told["error"].clone(), told["missing"].clone())
}

#[tokio::test]
async fn an_address_outside_the_list_is_named_and_one_inside_passes() {
    let edge = TestEdge::start();
    let key = from(&edge, &["203.0.113.0/24", "2001:db8::/32"]);
    for ip in ["203.0.113.9", "::ffff:203.0.113.9", "2001:db8::1"] {
        let body = json!({ "key": key.expose(), "ip": ip });
        assert!(verify(&edge, body).await.0, "{ip}");
    }
    for (ip, named) in [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db9::1", "2001:db9::1"),
    ] {
        let body = json!({ "key": key.expose(), "ip": ip });
        let words = format!("This API key may not be used from this address: {named}");
        assert_eq!(
            verify(&edge, body).await,
            (false, words.into(), named.into())
        );
    }
    let untold = verify(&edge, json!({ "key": key.expose() })).await;
    let words = "This API key may not be used from this address: ip";
    assert_eq!(untold, (false, words.into(), "ip".into()));
    assert!(
        edge.decided()[3..]
            .iter()
            .all(|row| row.status == Some(403))
    );
}

#[tokio::test]
async fn the_gateway_goes_by_the_address_of_its_caller() {
    let behind = Behind::echo().await;
    let get = |key: PlainKey| {
        behind
            .edge
            .client
            .get(behind.url("/"))
            .bearer_auth(key.expose())
    };
    let near = get(from(&behind.edge, &["127.0.0.1/32"]))
        .send()
        .await
        .unwrap();
    assert_eq!(near.status(), 200);
    let far = get(from(&behind.edge, &["203.0.113.0/24"]))
        .send()
        .await
        .unwrap();
    assert_eq!(far.status(), 403);
    assert_eq!(
        far.text().await.unwrap(),
        r#"{"error":"This API key may not be used from this address: 127.0.0.1"}"#
    );
    assert_eq!(behind.upstream.received.lock().len(), 1);
}

#[tokio::test]
async fn a_key_for_web_pages_is_refused_to_other_pages_and_outside_of_pages() {
    let behind = Behind::echo().await;
    let edge = &behind.edge;
    let key = in_page(edge);
    for (origin, named) in [
        (None, "Origin"),
        (Some("https://app.example.evil"), "https://app.example.evil"),
        (Some("http://app.example"), "http://app.example"),
        (Some("null"), "null"),
        (Some("\"}'<script>"), "Origin"),
        (Some(""), "Origin"),
    ] {
        for url in [behind.url("/"), edge.url("/v1/forward-auth")] {
            let mut get = edge.client.get(url).bearer_auth(key.expose());
            if let Some(origin) = origin {
                get = get.header("origin", origin);
            }
            let response = get.send().await.unwrap();
            assert_eq!(response.status(), 403, "{origin:?}");
            let body = response.text().await.unwrap();
            let words =
                format!(r#"{{"error":"This API key may not be used by this origin: {named}"}}"#);
            assert_eq!(body, words);
        }
    }
    for url in [behind.url("/"), edge.url("/v1/forward-auth")] {
        let get = edge.client.get(url).bearer_auth(key.expose());
        assert_eq!(
            get.header("origin", PAGE).send().await.unwrap().status(),
            200
        );
    }
    let itself = edge
        .client
        .get(edge.url("/v1/keys/self"))
        .bearer_auth(key.expose());
    assert_eq!(itself.send().await.unwrap().status(), 200);
    let denied = edge.decided();
    let denied = denied
        .iter()
        .filter(|row| row.denied == Some(DenyReason::OriginDenied));
    assert_eq!(denied.count(), 12);
}

#[tokio::test]
async fn verify_looks_at_the_origin_that_it_is_told() {
    let edge = TestEdge::start();
    let key = in_page(&edge);
    let ask = |origin: Option<&str>| json!({ "key": key.expose(), "origin": origin });
    assert!(verify(&edge, ask(None)).await.0);
    assert!(verify(&edge, ask(Some(PAGE))).await.0);
    let other = verify(&edge, ask(Some("https://other.example"))).await;
    let words = "This API key may not be used by this origin: https://other.example";
    assert_eq!(other, (false, words.into(), "https://other.example".into()));
    let fault: Value = edge
        .verify(json!({ "key": key.expose(), "origin": 7 }).to_string())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(fault["field"], "origin");
}
