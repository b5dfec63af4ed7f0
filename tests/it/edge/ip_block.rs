//! Addresses that send unknown keys again and again.

use std::time::Duration;

use chrono::TimeDelta;
use latchkey::crypto::key_secret::PlainKey;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::ip_scope::IpScope;
use latchkey::domain::key_state::KeyTimes;
use serde_json::Value;
use serde_json::json;

use crate::edge::gateway::Behind;
use crate::support::edge::TestEdge;
use crate::support::edge::plain_key;

const BLOCKED: &str = r#"{"error":"IP temporarily blocked"}"#;

async fn send(behind: &Behind, key: &PlainKey) -> (u16, String) {
    let get = behind.edge.client.get(behind.url("/v1/documents"));
    let response = get.bearer_auth(key.expose()).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn verify(edge: &TestEdge, service: &PlainKey, key: &PlainKey, ip: &str) -> Value {
    let body = json!({ "key": key.expose(), "ip": ip });
    let post = edge.client.post(edge.url("/v1/keys/verify"));
    let post = post.bearer_auth(service.expose()).json(&body);
    post.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn after_ten_thousand_bad_keys_a_valid_key_works_and_bad_ones_are_refused() {
    let behind = Behind::echo().await;
    let edge = &behind.edge;
    let body = json!({ "key": plain_key().expose(), "ip": "203.0.113.9" }).to_string();
    for _ in 0..10_000 {
        let response = edge.verify(body.clone()).await;
        assert_eq!(response.status(), 200);
    }
    let service = edge.service_key();
    let bad = verify(edge, service, &plain_key(), "203.0.113.9").await;
    assert_eq!(bad["code"], "IP_BLOCKED");
    assert_eq!(bad["status"], 403);
    assert_eq!(bad["error"], "IP temporarily blocked");
    let good = verify(edge, service, &edge.key(), "203.0.113.9").await;
    assert_eq!(good["valid"], true);
    assert_eq!(edge.mirror.ip_blocks().len(), 1);

    let elsewhere = verify(edge, service, &plain_key(), "203.0.113.10").await;
    assert_eq!(elsewhere["code"], "NOT_FOUND");
    let other = verify(edge, &edge.another_service(), &plain_key(), "203.0.113.9").await;
    assert_eq!(
        other["code"], "NOT_FOUND",
        "another service's callers are its own"
    );
    assert_eq!(send(&behind, &plain_key()).await.0, 401);
}

#[tokio::test]
async fn at_the_gateway_the_twenty_first_unknown_key_in_a_minute_is_blocked() {
    let behind = Behind::echo().await;
    let key = behind.edge.key();
    for _ in 0..20 {
        let (status, body) = send(&behind, &plain_key()).await;
        assert_eq!((status, &*body), (401, r#"{"error":"Invalid API Key"}"#));
    }
    assert_eq!(send(&behind, &plain_key()).await, (403, BLOCKED.to_owned()));
    let get = behind.edge.client.get(behind.url("/"));
    let refused = get.bearer_auth("nonsense").send().await.unwrap();
    let after: u64 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((290..=300).contains(&after), "{after}");
    assert!(!refused.headers().contains_key("www-authenticate"));
    assert_eq!(send(&behind, &key).await.0, 200);
    let none = behind
        .edge
        .client
        .get(behind.url("/"))
        .send()
        .await
        .unwrap();
    assert_eq!(none.status(), 401, "no key is no unknown key");
    let faces = behind.edge.client.get(behind.edge.url("/v1/forward-auth"));
    let faces = faces.bearer_auth("nonsense").send().await.unwrap();
    assert_eq!(faces.status(), 401, "each face counts for itself");
    let [block] = behind.edge.mirror.ip_blocks().untold(9)[..] else {
        panic!("one block");
    };
    assert_eq!(block.scope, IpScope::Gateway);
    assert_eq!(block.network, "127.0.0.1/32".parse().unwrap());
    assert_eq!(block.until, block.since + Duration::from_mins(5));
}

#[tokio::test]
async fn keys_that_somebody_has_never_count() {
    let behind = Behind::echo().await;
    let past = Some(behind.edge.now() - TimeDelta::seconds(1));
    let expired = behind.edge.key_with(KeyTimes {
        expires_at: past,
        ..KeyTimes::default()
    });
    for _ in 0..50 {
        assert_eq!(send(&behind, &expired).await.0, 401);
    }
    assert!(behind.edge.mirror.ip_blocks().is_empty());
    assert_eq!(send(&behind, &plain_key()).await.0, 401);
}

#[tokio::test]
async fn a_service_that_tells_no_address_is_never_blocked() {
    let edge = TestEdge::start();
    for _ in 0..50 {
        let body = json!({ "key": plain_key().expose() }).to_string();
        let told: Value = edge.verify(body).await.json().await.unwrap();
        assert_eq!(told["code"], DenyReason::NotFound.code());
    }
    assert!(edge.mirror.ip_blocks().is_empty());
}
