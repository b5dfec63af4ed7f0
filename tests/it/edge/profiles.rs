//! Refusals of an account in the `standard` profile, and headers that an account refuses, as
//! callers meet them at each face.

use chrono::TimeDelta;
use latchkey::domain::account::CredentialKind;
use latchkey::domain::account::ErrorProfile;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::key_state::KeyTimes;
use serde_json::Value;
use serde_json::json;

use crate::edge::gateway::Behind;

fn expired(behind: &Behind) -> String {
    let past = Some(behind.edge.now() - TimeDelta::seconds(1));
    let times = KeyTimes {
        expires_at: past,
        ..KeyTimes::default()
    };
    behind.edge.key_with(times).expose().to_owned()
}

#[tokio::test]
async fn an_account_in_the_standard_profile_reads_problem_details_at_every_face() {
    let behind = Behind::echo().await;
    let edge = &behind.edge;
    edge.account(ErrorProfile::Standard, &[]);
    let key = expired(&behind);
    for url in [
        behind.url("/v1/documents"),
        edge.url("/v1/forward-auth"),
        edge.url("/v1/keys/self"),
    ] {
        let request = edge.client.get(&url).bearer_auth(&key);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401, "{url}");
        let headers = response.headers().clone();
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(
            headers["www-authenticate"],
            r#"Bearer realm="latchkey", ApiKey realm="latchkey""#
        );
        let problem: Value = response.json().await.unwrap();
        let expected = json!({
            "type": "urn:latchkey:problem:expired",
            "title": "Key expired",
            "status": 401,
            "detail": "Expired API Key",
            "code": "EXPIRED",
            "request_id": headers["x-request-id"].to_str().unwrap(),
        });
        assert_eq!(problem, expected, "{url}");
    }
    let unknown = edge.client.get(behind.url("/")).bearer_auth("nonsense");
    let unknown = unknown.send().await.unwrap();
    assert_eq!(unknown.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn nginx_is_told_the_problem_in_a_header() {
    let behind = Behind::echo().await;
    let edge = &behind.edge;
    edge.account(ErrorProfile::Standard, &[]);
    let request = edge.client.get(edge.url("/v1/forward-auth?proxy=nginx"));
    let request = request.bearer_auth(edge.key().expose());
    let response = request.header("customer-id", "other").send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["x-latchkey-status"], "403");
    let told = response.headers()["x-latchkey-body"].clone();
    let told: Value = serde_json::from_slice(told.as_bytes()).unwrap();
    assert_eq!(told["code"], "CUSTOMER_MISMATCH");
    assert_eq!(response.json::<Value>().await.unwrap(), told);
}

#[tokio::test]
async fn a_key_is_refused_in_a_header_that_its_account_refuses() {
    let behind = Behind::echo().await;
    let edge = &behind.edge;
    let refused = [CredentialKind::XApiKey, CredentialKind::ApiKey];
    edge.account(ErrorProfile::Documented, &refused);
    let key = edge.key();
    let with = |name: &str, value: String| edge.client.get(behind.url("/")).header(name, value);
    for request in [
        with("x-api-key", key.expose().to_owned()),
        with("authorization", format!("ApiKey {}", key.expose())),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert!(response.headers().contains_key("www-authenticate"));
        let body = response.text().await.unwrap();
        assert_eq!(body, r#"{"error":"Send the API key in another header"}"#);
    }
    let bearer = with("authorization", format!("Bearer {}", key.expose()));
    assert_eq!(bearer.send().await.unwrap().status(), 200);
    let unknown = with("x-api-key", "nonsense".to_owned());
    let unknown = unknown.send().await.unwrap().text().await.unwrap();
    assert_eq!(unknown, r#"{"error":"Invalid API Key"}"#);
    let told: Value = edge
        .verify(json!({ "key": key.expose() }).to_string())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(told["valid"], true);
    let denied: Vec<_> = edge.decided().iter().map(|row| row.denied).collect();
    let refusal = Some(DenyReason::CredentialRefused);
    assert_eq!(denied, [refusal, refusal, None, None]);
}
