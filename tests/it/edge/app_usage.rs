//! `POST /v1/usage`.

use std::sync::Arc;

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::TimeDelta;
use chrono::Utc;
use latchkey::verify::app_usage::AppUsage;
use latchkey::verify::app_usage::AppUsageAnswer;
use latchkey::workers::app_usage;
use latchkey::workers::app_usage::AppUsageCounter;
use serde_json::Value;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::db::TestDb;
use crate::support::edge::TestEdge;
use crate::support::rows::number;

/// One account under three names, and one whose domain is another's customer id.
const FIXTURE: &str = "
    insert into accounts (public_id, domain, customer_id, name, plan, created_at) values
        ('acc_1', 'acme', 'acme-1', 'Acme', 'standard', now()),
        ('acc_2', 'other', 'twice', 'Other', 'standard', now()),
        ('acc_3', 'twice', 'third', 'Third', 'standard', now());
    insert into workspaces (account_id, public_id, slug, name, created_at) values
        (1, 'ws_1', 'default', 'Default', now()), (2, 'ws_2', 'default', 'Default', now());
    insert into meters (slug, label, kind) values
        ('imports', 'Imports', 'period'), ('storage', 'Storage', 'level')
        on conflict (slug) do nothing;";

/// An edge whose app usage goes into a database.
struct Counted {
    edge: TestEdge,
    db: TestDb,
    stop: CancellationToken,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Counted {
    fn start() -> Self {
        let (mut edge, db) = (TestEdge::start(), TestDb::new());
        db.execute(FIXTURE);
        let stop = CancellationToken::new();
        let clock = Arc::clone(&edge.clock);
        let counter = AppUsageCounter::new(db.db(), clock, edge.app_usage.take().unwrap());
        tokio::spawn(counter.run(stop.clone()));
        Self { edge, db, stop }
    }

    async fn send(&self, events: &Value) -> (u16, Value) {
        send(&self.edge, events).await
    }

    fn number(&self, sql: &str) -> i64 {
        number(&self.db, sql)
    }

    fn counter(&self, meter: &str) -> i64 {
        self.number(&format!(
            "select coalesce(sum(used), 0) from limit_counters where account_id = 1 and subject = 'meter:{meter}'"
        ))
    }

    fn rolled_up(&self, meter: &str) -> i64 {
        self.number(&format!(
            "select coalesce(sum(amount), 0) from meter_usage_daily
              where account_id = 1 and meter = '{meter}' and source = 'app'"
        ))
    }
}

async fn send(edge: &TestEdge, events: &Value) -> (u16, Value) {
    let request = edge.client.post(edge.url("/v1/usage"));
    let request = request.header("authorization", edge.service());
    let response = request.body(events.to_string()).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn event(id: &str, meter: &str, amount: i64) -> Value {
    json!({"event_id": id, "account": "acme", "workspace": "default", "meter": meter, "amount": amount})
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn taken(accepted: usize, repeated: usize) -> (u16, Value) {
    (
        202,
        json!({"accepted": accepted, "repeated": repeated, "unknown": []}),
    )
}

#[tokio::test]
async fn events_are_counted_once_however_often_they_are_sent() {
    let counted = Counted::start();
    let batch = json!([
        event("e1", "imports", 3),
        event("e2", "imports", 4),
        event("e2", "imports", 4)
    ]);
    assert_eq!(counted.send(&batch).await, taken(2, 1));
    assert_eq!(counted.send(&batch).await, taken(0, 3));
    assert_eq!(
        (counted.rolled_up("imports"), counted.counter("imports")),
        (7, 7)
    );
    let by_workspace = "select workspace_id from meter_usage_daily";
    assert_eq!(counted.number(by_workspace), 1);
    let other = json!([{"event_id": "e1", "account": "other", "meter": "imports", "amount": 9}]);
    assert_eq!(counted.send(&other).await, taken(1, 0));
    assert_eq!(counted.counter("imports"), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_comes_twice_at_the_same_time_is_counted_once() {
    let counted = Counted::start();
    let now = counted.edge.clock.now();
    let usage: Vec<AppUsage> = (0..200)
        .map(|number| AppUsage {
            event_id: format!("e{number}"),
            account: "acc_1".to_owned(),
            workspace: None,
            meter: "imports".to_owned(),
            amount: 1,
            at: now,
        })
        .collect();
    let mut backwards = usage.clone();
    backwards.reverse();
    let count = |usage: Vec<AppUsage>| {
        let mut conn = counted.db.connection();
        std::thread::spawn(move || app_usage::count(&mut conn, &usage, now).unwrap())
    };
    let both = [count(usage.clone()), count(backwards), count(usage)];
    let accepted: usize = both
        .into_iter()
        .map(|thread| match thread.join().unwrap() {
            AppUsageAnswer::Taken { accepted, .. } => accepted,
            other => panic!("{other:?}"),
        })
        .sum();
    assert_eq!(accepted, 200);
    assert_eq!(
        (counted.rolled_up("imports"), counted.counter("imports")),
        (200, 200)
    );
}

#[tokio::test]
async fn a_level_rises_and_falls_and_nothing_else_falls() {
    let counted = Counted::start();
    let batch = json!([
        event("a", "storage", 500),
        event("b", "storage", -120),
        event("c", "storage", 7)
    ]);
    assert_eq!(counted.send(&batch).await, taken(3, 0));
    assert_eq!(
        (counted.counter("storage"), counted.rolled_up("storage")),
        (387, 387)
    );
    let batch = json!([event("d", "storage", -1), event("e", "imports", -1)]);
    let (status, answer) = counted.send(&batch).await;
    assert_eq!((status, &answer["field"]), (400, &json!("amount")));
    assert_eq!(answer["faults"][0]["item"], 1);
    assert_eq!(counted.counter("storage"), 387);
}

#[tokio::test]
async fn usage_is_counted_in_the_month_in_which_it_happened() {
    let counted = Counted::start();
    let now = counted.edge.clock.now();
    let mut late = event("late", "imports", 5);
    late["at"] = text(now - TimeDelta::days(34)).into();
    assert_eq!(counted.send(&json!([late])).await, taken(1, 0));
    assert_eq!(
        (counted.rolled_up("imports"), counted.counter("imports")),
        (5, 0)
    );
}

#[tokio::test]
async fn an_account_goes_by_any_of_its_names_and_strangers_are_told() {
    let counted = Counted::start();
    let named = |id: &str, account: &str, workspace: Option<&str>| {
        json!({"event_id": id, "account": account, "workspace": workspace, "meter": "imports",
               "amount": 1})
    };
    let batch = json!([
        named("1", "acc_1", Some("ws_1")),
        named("2", "acme", None),
        named("3", "nobody", None),
        named("4", "acme-1", Some("default")),
        named("5", "acme", Some("ws_2"))
    ]);
    let (status, answer) = counted.send(&batch).await;
    assert_eq!(status, 202);
    assert_eq!(
        answer,
        json!({"accepted": 3, "repeated": 0, "unknown": [
            {"item": 2, "event_id": "3", "field": "account"},
            {"item": 4, "event_id": "5", "field": "workspace"}]})
    );
    assert_eq!(counted.rolled_up("imports"), 3);
    let (status, answer) = counted
        .send(&json!([
            named("6", "acme", None),
            named("7", "twice", None)
        ]))
        .await;
    assert_eq!((status, &answer["field"]), (400, &json!("account")));
    assert_eq!(counted.rolled_up("imports"), 3);
}

#[tokio::test]
async fn every_fault_of_every_event_is_named_and_nothing_is_counted() {
    let counted = Counted::start();
    let now = counted.edge.clock.now();
    let with = |field: &str, value: Value| {
        let mut event = event("x", "imports", 1);
        event[field] = value;
        event
    };
    for (field, value) in [
        ("event_id", json!("")),
        ("event_id", json!("a\nb")),
        ("event_id", json!("a".repeat(101))),
        ("event_id", json!(7)),
        ("account", Value::Null),
        ("workspace", json!(4)),
        ("meter", json!("Imports")),
        ("meter", json!("unheard-of")),
        ("amount", json!(1.5)),
        ("amount", json!("1")),
        ("amount", json!(1e13)),
        ("amount", json!(9_999_999_999_999_i64)),
        ("at", json!("yesterday")),
        ("at", json!(text(now + TimeDelta::minutes(2)))),
        ("at", json!(text(now - TimeDelta::days(36)))),
    ] {
        let batch = json!([event("good", "imports", 1), with(field, value.clone())]);
        let (status, answer) = counted.send(&batch).await;
        assert_eq!(status, 400, "{field} {value:.50}");
        assert_eq!(answer["faults"][0]["item"], 1, "{answer}");
        assert_eq!(answer["faults"][0]["field"], field, "{answer}");
    }
    let (status, answer) = counted.send(&json!([{"amuont": 1}, 7])).await;
    assert_eq!(status, 400);
    let faults: Vec<&str> = answer["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["field"].as_str().unwrap_or("-"))
        .collect();
    assert_eq!(faults, ["-", "event_id", "account", "meter", "amount", "-"]);
    let many = Value::Array(vec![event("m", "imports", 1); 1_001]);
    assert_eq!(counted.send(&many).await.0, 400);
    assert_eq!(counted.send(&json!({})).await.0, 400);
    assert_eq!(counted.send(&json!([])).await, taken(0, 0));
    assert_eq!(counted.rolled_up("imports"), 0);
}

#[tokio::test]
async fn without_its_database_usage_is_to_be_sent_again() {
    let mut edge = TestEdge::start();
    // The worker is gone.
    drop(edge.app_usage.take());
    let request = edge.client.post(edge.url("/v1/usage"));
    let request = request.header("authorization", edge.service());
    let batch = json!([event("e", "imports", 1)]).to_string();
    let response = request.body(batch).send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
}

#[tokio::test]
async fn only_a_service_may_tell_usage() {
    let edge = TestEdge::start();
    let request = edge.client.post(edge.url("/v1/usage"));
    let response = request.bearer_auth(edge.key().expose()).body("[]").send();
    assert_eq!(response.await.unwrap().status(), 401);
    let response = edge.client.get(edge.url("/v1/usage")).send().await.unwrap();
    assert_eq!(response.status(), 405);
}
