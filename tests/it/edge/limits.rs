//! Limits as callers of the API see them. The database is played by the test.

use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use futures_util::future::join_all;
use latchkey::domain::lease::Charge;
use latchkey::domain::lease::Grant;
use latchkey::domain::lease::Span;
use latchkey::domain::lease::SpanState;
use latchkey::domain::limit::KeyLimits;
use latchkey::domain::limit::Window;
use latchkey::verify::mirror::Mirror;
use serde_json::Value;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::edge::TestEdge;

pub const DAILY: KeyLimits = KeyLimits {
    total: None,
    daily: Some(100),
    weekly: None,
    monthly: None,
};

/// Grants a hundred units of every subject, ten at a time.
pub fn grant_a_hundred(mirror: &Mirror) -> JoinHandle<()> {
    let ledger = mirror.ledger().clone();
    tokio::spawn(async move {
        let mut used = 0;
        loop {
            ledger.queued().await;
            let questions = ledger.questions(100, Duration::ZERO);
            let grants: Vec<_> = questions
                .iter()
                .map(|question| {
                    let most = u64::from(question.ask().needed > 0) * 10;
                    let amount = most.min(100 - used);
                    used += amount;
                    grant(amount, used)
                })
                .collect();
            ledger.answer(&questions, &grants, Duration::from_hours(1), Duration::ZERO);
        }
    })
}

fn grant(amount: u64, used: u64) -> Grant {
    let daily = SpanState {
        span: Span::Key(Window::Daily),
        cap: Some(100),
        used,
        frees_in: Some(TimeDelta::minutes(90)),
    };
    Grant {
        amount,
        charge: Charge {
            bin: DateTime::UNIX_EPOCH,
            spans: 4,
        },
        ends_in: TimeDelta::hours(1),
        states: [Some(daily), None, None, None],
    }
}

async fn ask(edge: &TestEdge, body: &Value) -> Value {
    edge.verify(body.to_string()).await.json().await.unwrap()
}

#[tokio::test]
async fn fifty_repeats_at_once_are_charged_once() {
    let edge = TestEdge::start();
    let granter = grant_a_hundred(&edge.mirror);
    let key = edge.key_within(&DAILY);
    let named = json!({"key": key.expose(), "request_id": "order-17"});
    for answer in join_all((0..50).map(|_| ask(&edge, &named))).await {
        assert_eq!(answer["valid"], true);
    }
    let answer = ask(&edge, &json!({"key": key.expose()})).await;
    assert_eq!(answer["limits"][0]["used"], 2);
    assert_eq!(edge.decided().len(), 2);
    granter.abort();
}

#[tokio::test]
async fn the_answer_has_the_limits() {
    let edge = TestEdge::start();
    let granter = grant_a_hundred(&edge.mirror);
    let key = edge.key_within(&DAILY);
    let answer = ask(&edge, &json!({"key": key.expose()})).await;
    let resets = answer["limits"][0]["resets_in_s"].as_i64().unwrap();
    assert!((5_300..=5_400).contains(&resets), "{resets}");
    let daily =
        json!({"window": "daily", "limit": 100, "used": 1, "remaining": 99, "resets_in_s": resets});
    assert_eq!(answer["limits"], json!([daily]));
    let itself: Value = edge
        .client
        .get(edge.url("/v1/keys/self"))
        .header("x-api-key", key.expose())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(itself["limits"][0]["used"], 1);
    granter.abort();
}

#[tokio::test]
async fn without_an_answer_of_the_database_nobody_decides() {
    let edge = TestEdge::start();
    let key = edge.key_within(&DAILY);
    let response = edge.verify(json!({"key": key.expose()}).to_string()).await;
    assert_eq!(response.status(), 503);
}
