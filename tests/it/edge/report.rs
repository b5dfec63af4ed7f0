//! `POST /v1/requests/report`.

use latchkey::domain::meter::MeterUse;
use latchkey::spool::record::CompletionRecord;
use serde_json::Value;
use serde_json::json;

use crate::support::edge::TestEdge;

async fn report(edge: &TestEdge, body: &Value) -> (u16, Value) {
    let response = edge
        .client
        .post(edge.url("/v1/requests/report"))
        .header("authorization", edge.service())
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn verified(edge: &TestEdge) -> String {
    let key = edge.key();
    let body = json!({"key": key.expose(), "credits": 4}).to_string();
    let answer: Value = edge.verify(body).await.json().await.unwrap();
    answer["request_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_report_completes_the_row_of_its_request_as_often_as_it_is_sent() {
    let edge = TestEdge::start();
    let (one, other) = (verified(&edge).await, verified(&edge).await);
    let body = json!([
        {"request_id": one, "status": 201, "duration_ms": 12.5, "credits": 2, "meters": {"imports": 3}},
        {"request_id": other, "status": 500, "duration_ms": 7},
        {"request_id": "req_0123456789abcdef", "status": 200, "duration_ms": 1},
        {"request_id": "nonsense", "status": 200, "duration_ms": 1}
    ]);
    let expected = json!({"accepted": 2, "unknown": ["req_0123456789abcdef", "nonsense"]});
    for _ in 0..2 {
        assert_eq!(report(&edge, &body).await, (202, expected.clone()));
    }
    let decided = edge.decided();
    let completed = edge.completed();
    assert_eq!(completed.len(), 4);
    // Only once: what is told again changes no meter.
    assert_eq!(completed[0].meters, [MeterUse::afterwards("imports", 3)]);
    let again = completed[2..].iter().map(|one| &one.meters);
    assert!(again.clone().all(Vec::is_empty), "{again:?}");
    let told_of = |one: &CompletionRecord| CompletionRecord {
        meters: Vec::new(),
        ..one.clone()
    };
    let told: Vec<_> = completed.iter().map(told_of).collect();
    assert_eq!(told[..2], told[2..]);
    assert_eq!(completed[0].request_id, decided[0].request_id);
    assert_eq!(completed[0].at, decided[0].at);
    assert_eq!(completed[0].key, decided[0].key);
    assert_eq!(
        (
            completed[0].status,
            completed[0].duration_us,
            completed[0].credits
        ),
        (201, 12_500, 2)
    );
    assert_eq!(
        (
            completed[1].status,
            completed[1].duration_us,
            completed[1].credits
        ),
        (500, 7_000, 4)
    );
}

#[tokio::test]
async fn a_refused_request_has_nothing_to_report() {
    let edge = TestEdge::start();
    let body = json!({"key": edge.key().expose(), "customer_id": "other"}).to_string();
    let answer: Value = edge.verify(body).await.json().await.unwrap();
    let id = &answer["request_id"];
    let body = json!([{"request_id": id, "status": 200, "duration_ms": 1}]);
    let expected = json!({"accepted": 0, "unknown": [id]});
    assert_eq!(report(&edge, &body).await, (202, expected));
}

#[tokio::test]
async fn a_report_that_is_none_is_refused_whole() {
    let edge = TestEdge::start();
    let id = verified(&edge).await;
    let with = |field: &str, value: Value| {
        let mut item = json!({"request_id": id, "status": 200, "duration_ms": 1});
        item[field] = value;
        json!([item])
    };
    for (body, field) in [
        (json!({}), None),
        (json!([{}]), None),
        (json!([{"request_id": id}]), None),
        (with("status", json!(99)), Some("status")),
        (with("status", json!(600)), Some("status")),
        (with("status", json!("200")), None),
        (with("duration_ms", json!(-1)), Some("duration_ms")),
        (with("duration_ms", json!(1e12)), Some("duration_ms")),
        (with("credits", json!(-1)), None),
        (with("credits", json!(1_000_001)), Some("credits")),
        (with("stauts", json!(200)), None),
        (
            Value::Array(vec![with("credits", json!(1))[0].clone(); 1_001]),
            None,
        ),
    ] {
        let (status, answer) = report(&edge, &body).await;
        assert_eq!(status, 400, "{body:.100}");
        assert_eq!(answer["field"].as_str(), field, "{body:.100}");
    }
    assert_eq!(report(&edge, &json!([])).await.0, 202);
    let many = Value::Array(vec![with("credits", json!(1))[0].clone(); 1_000]);
    assert_eq!(report(&edge, &many).await.1["accepted"], 1_000);
    assert_eq!(edge.completed().len(), 1_000);
}

#[tokio::test]
async fn only_a_service_may_report() {
    let edge = TestEdge::start();
    let request = edge.client.post(edge.url("/v1/requests/report"));
    let response = request.bearer_auth(edge.key().expose()).body("[]").send();
    assert_eq!(response.await.unwrap().status(), 401);
}
