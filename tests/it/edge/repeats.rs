//! A verify that is asked again under its own name.

use futures_util::future::join_all;
use latchkey::domain::key_state::KeyTimes;
use serde_json::Value;
use serde_json::json;

use crate::support::edge::TestEdge;

async fn ask(edge: &TestEdge, body: &Value) -> Value {
    edge.verify(body.to_string()).await.json().await.unwrap()
}

#[tokio::test]
async fn fifty_repeats_at_once_are_one_row_and_one_answer() {
    let edge = TestEdge::start();
    let body = json!({"key": edge.key().expose(), "request_id": "order-17"});
    let answers = join_all((0..50).map(|_| ask(&edge, &body))).await;
    let [row] = edge.decided().try_into().unwrap();
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
        assert_eq!(answer["valid"], true);
        assert_eq!(answer["request_id"], row.request_id.as_str());
    }
}

#[tokio::test]
async fn a_name_that_was_used_for_another_request_is_refused() {
    let edge = TestEdge::start();
    ask(
        &edge,
        &json!({"key": edge.key().expose(), "request_id": "one"}),
    )
    .await;
    let other = json!({"key": edge.key().expose(), "request_id": "one"});
    let response = edge.verify(other.to_string()).await;
    assert_eq!(response.status(), 400);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["field"], "request_id");
}

#[tokio::test]
async fn a_repeat_after_a_revocation_is_refused_in_a_row_of_its_own() {
    let edge = TestEdge::start();
    let key = edge.key();
    let body = json!({"key": key.expose(), "request_id": "one"});
    assert_eq!(ask(&edge, &body).await["valid"], true);
    edge.put(
        &key,
        KeyTimes {
            revoked_at: Some(edge.now()),
            ..KeyTimes::default()
        },
    );
    let answer = ask(&edge, &body).await;
    assert_eq!(answer["code"], "REVOKED");
    let [_, row] = edge.decided().try_into().unwrap();
    assert_eq!(answer["request_id"], row.request_id.as_str());
}
