//! `POST /v1/keys/verify`.

use chrono::TimeDelta;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::endpoint::Method;
use latchkey::domain::endpoint::Surface;
use latchkey::domain::key_state::KeyTimes;
use serde_json::Value;
use serde_json::json;

use crate::support::edge::TestEdge;
use crate::support::edge::plain_key;

async fn answer(edge: &TestEdge, body: &Value) -> Value {
    let response = edge.verify(body.to_string()).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_valid_key_is_told_in_full() {
    let edge = TestEdge::start();
    let key = edge.key();
    let response = edge
        .verify(json!({ "key": key.expose() }).to_string())
        .await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let id = response.headers()["x-request-id"].clone();
    let answer: Value = response.json().await.unwrap();
    let expected = json!({
        "valid": true,
        "code": "VALID",
        "request_id": id.to_str().unwrap(),
        "key": {"id": key.id().as_str(), "name": "blog ingest", "category": "production", "expires_at": null},
        "account": {"id": "acc_7", "domain": "acme"},
        "workspace": {"id": "wsp_8", "slug": "default"},
        "owner": {"id": "00000000-0000-0000-0000-000000000009", "email": "alice@acme.example"},
        "scope": "full",
        "permissions": ["*"],
        "limits": []
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn an_expiry_is_told_in_rfc_3339() {
    let edge = TestEdge::start();
    let key = edge.key_with(KeyTimes {
        expires_at: "2099-01-02T03:04:05Z".parse().ok(),
        ..KeyTimes::default()
    });
    let answer = answer(&edge, &json!({ "key": key.expose() })).await;
    assert_eq!(answer["key"]["expires_at"], "2099-01-02T03:04:05Z");
}

#[tokio::test]
async fn every_refusal_has_its_code_status_and_words() {
    let edge = TestEdge::start();
    let past = Some(edge.now() - TimeDelta::seconds(1));
    let revoked = edge.key_with(KeyTimes {
        revoked_at: past,
        ..KeyTimes::default()
    });
    let disabled = edge.key_with(KeyTimes {
        disabled_at: past,
        ..KeyTimes::default()
    });
    let expired = edge.key_with(KeyTimes {
        expires_at: past,
        ..KeyTimes::default()
    });
    let unknown = plain_key();
    for (secret, code, error) in [
        ("", "MALFORMED", "Invalid API Key"),
        ("lk_nonsense", "MALFORMED", "Invalid API Key"),
        (&"k".repeat(5_000), "MALFORMED", "Invalid API Key"),
        ("lk_\u{0}é\u{202e}", "MALFORMED", "Invalid API Key"),
        (unknown.expose(), "NOT_FOUND", "Invalid API Key"),
        (disabled.expose(), "DISABLED", "Inactive API Key"),
        (revoked.expose(), "REVOKED", "Inactive API Key"),
        (expired.expose(), "EXPIRED", "Expired API Key"),
    ] {
        let mut answer = answer(&edge, &json!({ "key": secret })).await;
        let id = answer["request_id"].take();
        assert!(id.as_str().unwrap().starts_with("req_"));
        assert_eq!(
            answer,
            json!({"valid": false, "code": code, "status": 401, "error": error, "request_id": null, "missing": null})
        );
    }
    // Of the unknown ones nothing is written: not even that there was a request.
    let written: Vec<_> = edge.decided().iter().map(|row| row.denied).collect();
    assert_eq!(
        written,
        [
            Some(DenyReason::Disabled),
            Some(DenyReason::Revoked),
            Some(DenyReason::Expired)
        ]
    );
}

#[tokio::test]
async fn a_decision_is_one_row_with_what_was_told() {
    let edge = TestEdge::start();
    let key = edge.key();
    let answer = answer(
        &edge,
        &json!({"key": key.expose(), "method": "POST", "path": "/v1/documents?page=2",
            "ip": "::ffff:203.0.113.9", "customer_id": "acme-1", "credits": 5,
            "permission": "documents:write", "resource": "42"}),
    )
    .await;
    assert_eq!(answer["valid"], true);
    let [row] = edge.decided().try_into().unwrap();
    assert_eq!(row.request_id.as_str(), answer["request_id"]);
    assert_eq!(row.key, key.id());
    assert_eq!(row.generation, 3);
    assert_eq!(row.surface, Surface::Verify);
    assert_eq!(row.method, Some(Method::Post));
    assert_eq!(row.path, "/v1/documents");
    assert_eq!(row.ip, "203.0.113.9".parse().ok());
    assert_eq!(row.denied, None);
    assert_eq!(row.status, None);
    assert_eq!(row.credits, 5);
}

#[tokio::test]
async fn a_refusal_costs_nothing_and_its_row_has_its_status() {
    let edge = TestEdge::start();
    let key = edge.key();
    let answer = answer(&edge, &json!({"key": key.expose(), "customer_id": "other"})).await;
    assert_eq!(answer["code"], "CUSTOMER_MISMATCH");
    assert_eq!(answer["status"], 403);
    let [row] = edge.decided().try_into().unwrap();
    assert_eq!(row.status, Some(403));
    assert_eq!(row.credits, 0);
}

#[tokio::test]
async fn a_path_with_two_readings_and_a_key_in_a_query_are_refused() {
    let edge = TestEdge::start();
    let key = edge.key();
    for (path, code) in [
        ("/v1/../admin", "AMBIGUOUS_PATH"),
        ("/v1/%2e%2e/admin", "AMBIGUOUS_PATH"),
        (&*format!("/v1?api_key={}", key.expose()), "KEY_IN_URL"),
    ] {
        let body = json!({"key": key.expose(), "method": "GET", "path": path});
        let answer = answer(&edge, &body).await;
        assert_eq!(answer["code"], code, "{path}");
        assert_eq!(answer["status"], 400, "{path}");
    }
    assert_eq!(edge.decided().len(), 3);
}

#[tokio::test]
async fn a_key_in_the_path_is_not_written_down() {
    let edge = TestEdge::start();
    let key = edge.key();
    let path = format!("/v1/{}", key.expose());
    answer(
        &edge,
        &json!({"key": key.expose(), "method": "GET", "path": path}),
    )
    .await;
    let [row] = edge.decided().try_into().unwrap();
    assert_eq!(row.path, format!("/v1/lk_{}…", key.id()));
}

#[tokio::test]
async fn only_a_service_credential_that_works_may_ask() {
    let edge = TestEdge::start();
    let key = edge.key();
    for authorization in [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some(format!("Bearer {}", key.expose())),
        Some(edge.service().replace("Bearer", "ApiKey")),
        Some(format!("{}x", edge.service())),
    ] {
        let mut request = edge.client.post(edge.url("/v1/keys/verify"));
        if let Some(value) = &authorization {
            request = request.header("authorization", value);
        }
        let body = json!({ "key": key.expose() }).to_string();
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), 401, "{authorization:?}");
        assert_eq!(
            response.headers()["www-authenticate"],
            r#"Bearer realm="latchkey service""#
        );
        assert_eq!(
            response.text().await.unwrap(),
            r#"{"error":"Send a service credential as a Bearer token"}"#
        );
    }
    assert!(edge.decided().is_empty());
}

#[tokio::test]
async fn nobody_decides_on_old_news_or_without_a_record() {
    let edge = TestEdge::start();
    let key = edge.key();
    edge.lapse();
    let lapsed = edge
        .verify(json!({ "key": key.expose() }).to_string())
        .await;
    let full = TestEdge::start_with_full_spool();
    let key = full.key();
    let unwritten = full
        .verify(json!({ "key": key.expose() }).to_string())
        .await;
    for response in [lapsed, unwritten] {
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(
            response.text().await.unwrap(),
            r#"{"error":"Latchkey cannot decide just now; try again","code":"UNAVAILABLE"}"#
        );
    }
    edge.renew();
    let body = json!({ "key": edge.key().expose() }).to_string();
    assert_eq!(edge.verify(body).await.status(), 200);
}

#[tokio::test]
async fn unknown_keys_are_counted_against_the_address_that_was_told() {
    let edge = TestEdge::start();
    let unknown = plain_key();
    for body in [
        json!({"key": unknown.expose(), "ip": "203.0.113.9"}),
        json!({"key": "nonsense", "ip": "203.0.113.9"}),
        json!({"key": unknown.expose()}),
        json!({"key": edge.key().expose(), "ip": "203.0.113.9"}),
    ] {
        answer(&edge, &body).await;
    }
    let address = "203.0.113.9/32".parse().unwrap();
    let counts: u64 = edge
        .failed_attempts
        .drain()
        .iter()
        .map(|(_, network, count)| {
            assert_eq!(*network, address);
            count
        })
        .sum();
    assert_eq!(counts, 2);
}
