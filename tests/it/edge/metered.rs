//! What records say of the account's meters: what a decision charged, and what came of it. The
//! database is played by the test.

use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use latchkey::domain::lease::Charge;
use latchkey::domain::lease::Grant;
use latchkey::domain::lease::Span;
use latchkey::domain::lease::SpanState;
use latchkey::domain::meter::MeterUse;
use latchkey::domain::plan::MeterKind;
use latchkey::domain::plan::Plan;
use latchkey::verify::mirror::Mirror;
use serde_json::Value;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::edge::gateway::Behind;
use crate::support::edge::ACCOUNT;
use crate::support::edge::TestEdge;

/// The account's plan caps `meters`, and there is room.
fn with_plan(mirror: &Mirror, meters: &[&str]) -> JoinHandle<()> {
    let ledger = mirror.ledger().clone();
    ledger.set_plans(vec![Plan {
        slug: "standard".into(),
        name: "Standard".into(),
        per_second: None,
        per_minute: None,
        meters: meters.iter().map(|slug| ((*slug).into(), 100)).collect(),
    }]);
    ledger.set_plan(ACCOUNT, "standard");
    tokio::spawn(async move {
        loop {
            ledger.queued().await;
            let questions = ledger.questions(100, Duration::ZERO);
            let grants: Vec<_> = questions.iter().map(|_| plenty()).collect();
            ledger.answer(&questions, &grants, Duration::from_hours(1), Duration::ZERO);
        }
    })
}

fn plenty() -> Grant {
    let month = SpanState {
        span: Span::Meter(MeterKind::Period),
        cap: Some(100),
        used: 50,
        frees_in: Some(TimeDelta::days(9)),
    };
    Grant {
        amount: 50,
        charge: Charge {
            bin: DateTime::UNIX_EPOCH,
            spans: 4,
        },
        ends_in: TimeDelta::hours(1),
        states: [Some(month), None, None, None],
    }
}

fn charged(meter: &'static str, used: i64, charged: i64) -> MeterUse<'static> {
    MeterUse {
        meter: meter.into(),
        used,
        charged,
    }
}

#[tokio::test]
async fn the_record_says_what_the_decision_charged() {
    let edge = TestEdge::start();
    let granter = with_plan(&edge.mirror, &["credits", "requests"]);
    let key = edge.key();
    let body = json!({"key": key.expose(), "credits": 4});
    assert_eq!(edge.verify(body.to_string()).await.status(), 200);
    // What was refused is not charged.
    let body = json!({"key": key.expose(), "customer_id": "other"});
    assert_eq!(edge.verify(body.to_string()).await.status(), 200);
    let decided = edge.decided();
    assert_eq!(
        decided[0].meters,
        [charged("credits", 0, 4), charged("requests", 0, 1)]
    );
    assert_eq!(decided[1].meters, []);
    granter.abort();
}

#[tokio::test]
async fn where_the_plan_caps_nothing_nothing_was_charged() {
    let edge = TestEdge::start();
    let body = json!({"key": edge.key().expose()});
    assert_eq!(edge.verify(body.to_string()).await.status(), 200);
    assert_eq!(edge.decided()[0].meters, []);
}

#[tokio::test]
async fn what_was_not_forwarded_costs_nothing_in_the_end() {
    let behind = Behind::echo().await;
    let granter = with_plan(&behind.edge.mirror, &["credits"]);
    let upstream_gone = behind.url("/v1/documents");
    drop(behind.upstream);
    let key = behind.edge.key();
    let request = behind.edge.client.get(&upstream_gone);
    let response = request.bearer_auth(key.expose()).send().await.unwrap();
    assert_eq!(response.status(), 502);
    assert_eq!(behind.edge.decided()[0].meters, [charged("credits", 0, 1)]);
    assert_eq!(behind.edge.completed()[0].credits, 0);
    granter.abort();
}

/// What the API answers an import with.
const IMPORTED: &str = "HTTP/1.1 201 Created\r\nlatchkey-usage: imports=3, storage=700\r\n\
                        content-length: 0\r\n\r\n";

#[tokio::test]
async fn an_import_is_charged_by_its_permission_and_corrected_by_what_the_api_says() {
    let behind = Behind::answering(IMPORTED).await;
    let edge = &behind.edge;
    let granter = with_plan(&edge.mirror, &["imports"]);
    let import = || edge.client.post(behind.url("/v1/documents/import"));
    let key = edge.granted("full", &["*"], &["*"]);
    let response = import().bearer_auth(key.expose()).send().await.unwrap();
    assert_eq!(response.status(), 201);
    assert!(!response.headers().contains_key("latchkey-usage"));
    assert_eq!(edge.decided()[0].meters, [charged("imports", 1, 1)]);
    let mut told = edge.completed()[0].meters.clone();
    told.sort_by(|one, other| one.meter.cmp(&other.meter));
    let expected = [("imports", 2), ("storage", 700)];
    let expected = expected.map(|(meter, more)| MeterUse::afterwards(meter, more));
    assert_eq!(told, expected);
    granter.abort();
}

#[tokio::test]
async fn a_report_corrects_what_the_decision_counted_where_nothing_is_capped_too() {
    let edge = TestEdge::start();
    let key = edge.granted("full", &["*"], &["*"]);
    let body = json!({"key": key.expose(), "method": "POST", "path": "/v1/documents/import"});
    let answer = edge.verify(body.to_string()).await;
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(edge.decided()[0].meters, [charged("imports", 1, 0)]);
    let report = |imports: i64| {
        let body = json!([{
            "request_id": answer["request_id"], "status": 422, "duration_ms": 3,
            "meters": {"imports": imports},
        }]);
        let request = edge.client.post(edge.url("/v1/requests/report"));
        let request = request.header("authorization", edge.service());
        request.body(body.to_string()).send()
    };
    for imports in [0, 0, 5] {
        assert_eq!(report(imports).await.unwrap().status(), 202);
    }
    let told: Vec<_> = edge.completed().into_iter().map(|one| one.meters).collect();
    let change = |more| vec![MeterUse::afterwards("imports", more)];
    assert_eq!(told, [change(-1), vec![], change(5)]);
}
