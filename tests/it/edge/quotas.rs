//! A limit that is reached, as callers meet it at each face in each profile. The words are those of
//! the API's documentation. The database is played by the test.

use std::time::Duration;

use chrono::DateTime;
use latchkey::domain::account::ErrorProfile;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::lease::Charge;
use latchkey::domain::lease::Grant;
use latchkey::domain::lease::Span;
use latchkey::domain::lease::SpanState;
use latchkey::domain::lease::Subject;
use latchkey::domain::limit::KeyLimits;
use latchkey::domain::limit::Window;
use latchkey::domain::plan::MeterKind;
use latchkey::domain::plan::Plan;
use latchkey::domain::plan::RateWindow;
use latchkey::verify::mirror::Mirror;
use serde_json::Value;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::edge::gateway::Behind;
use crate::support::edge::ACCOUNT;

/// What is reached, and how it is told: the words, the status in either profile, the code.
const REACHED: [(Span, &str, [u16; 2], &str); 7] = [
    (
        Span::Key(Window::Total),
        "Rate limit exceeded: quota total",
        [401, 429],
        "QUOTA_TOTAL",
    ),
    (
        Span::Key(Window::Daily),
        "Rate limit exceeded: quota daily",
        [401, 429],
        "QUOTA_DAILY",
    ),
    (
        Span::Key(Window::Weekly),
        "Rate limit exceeded: quota weekly",
        [401, 429],
        "QUOTA_WEEKLY",
    ),
    (
        Span::Key(Window::Monthly),
        "Rate limit exceeded: quota monthly",
        [401, 429],
        "QUOTA_MONTHLY",
    ),
    (
        Span::Rate(RateWindow::Second),
        "exceeded the per-second rate limit on your subscription",
        [429, 429],
        "RATE_LIMITED",
    ),
    (
        Span::Rate(RateWindow::Minute),
        "exceeded the per-minute rate limit on your subscription",
        [429, 429],
        "RATE_LIMITED",
    ),
    (
        Span::Meter(MeterKind::Period),
        "exceeded the requests limit on your subscription",
        [429, 429],
        "PLAN_EXHAUSTED",
    ),
];

const EACH_OF_TEN: KeyLimits = KeyLimits {
    total: Some(10),
    daily: Some(10),
    weekly: Some(10),
    monthly: Some(10),
};

fn is_of(span: Span, subject: &Subject) -> bool {
    matches!(
        (span, subject),
        (Span::Key(_), Subject::Key(_))
            | (Span::Rate(_), Subject::Rate)
            | (Span::Meter(_), Subject::Meter(_))
    )
}

/// All ten of `reached` are used; of everything else there is enough.
fn exhaust(mirror: &Mirror, reached: Span) -> JoinHandle<()> {
    let ledger = mirror.ledger().clone();
    ledger.set_plans(vec![Plan {
        slug: "standard".into(),
        name: "Standard".into(),
        per_second: Some(10),
        per_minute: Some(10),
        meters: vec![("requests".into(), 10)],
    }]);
    ledger.set_plan(ACCOUNT, "standard");
    tokio::spawn(async move {
        loop {
            ledger.queued().await;
            let questions = ledger.questions(100, Duration::ZERO);
            let grants: Vec<_> = questions
                .iter()
                .map(|question| grant(reached, is_of(reached, &question.ask().subject)))
                .collect();
            ledger.answer(&questions, &grants, Duration::from_hours(1), Duration::ZERO);
        }
    })
}

fn grant(reached: Span, none_left: bool) -> Grant {
    let state = none_left.then_some(SpanState {
        span: reached,
        cap: Some(10),
        used: 10,
        frees_in: (reached != Span::Key(Window::Total)).then_some(chrono::TimeDelta::minutes(90)),
    });
    Grant {
        amount: if none_left { 0 } else { 100 },
        charge: Charge {
            bin: DateTime::UNIX_EPOCH,
            spans: 4,
        },
        ends_in: chrono::TimeDelta::hours(1),
        states: [state, None, None, None],
    }
}

#[tokio::test]
async fn each_limit_is_told_in_its_words_at_every_face_in_either_profile() {
    for (reached, words, statuses, code) in REACHED {
        for (profile, status) in ErrorProfile::ALL.into_iter().zip(statuses) {
            let behind = Behind::echo().await;
            let edge = &behind.edge;
            edge.account(profile, &[]);
            let granter = exhaust(&edge.mirror, reached);
            let key = edge.key_within(&EACH_OF_TEN);
            for url in [
                behind.url("/v1/documents"),
                edge.url("/v1/forward-auth"),
                edge.url("/v1/forward-auth?proxy=nginx"),
            ] {
                let request = edge.client.get(&url).bearer_auth(key.expose());
                let answer = request.send().await.unwrap();
                let told = format!("{words} at {url} in {profile:?}");
                let nginx = url.ends_with("nginx") && status != 401;
                let expected = if nginx { 403 } else { status };
                assert_eq!(answer.status(), expected, "{told}");
                if url.ends_with("nginx") {
                    let headers = answer.headers();
                    assert_eq!(headers["x-latchkey-status"], status.to_string(), "{told}");
                }
                let body = answer.text().await.unwrap();
                if profile == ErrorProfile::Documented {
                    assert_eq!(body, format!(r#"{{"error":"{words}"}}"#), "{told}");
                } else {
                    let problem: Value = serde_json::from_str(&body).unwrap();
                    assert_eq!(problem["detail"], words, "{told}");
                    assert_eq!(
                        (&problem["status"], &problem["code"]),
                        (&json!(status), &json!(code)),
                        "{told}"
                    );
                }
            }
            let body = json!({"key": key.expose()}).to_string();
            let answer: Value = edge.verify(body).await.json().await.unwrap();
            assert_eq!(
                (&answer["valid"], &answer["error"]),
                (&json!(false), &json!(words))
            );
            assert_eq!(
                (&answer["status"], &answer["code"]),
                (&json!(status), &json!(code))
            );
            assert!(
                behind.upstream.received.lock().is_empty(),
                "nothing was let through"
            );
            let denied = edge.decided().into_iter().map(|row| row.denied);
            let codes: Vec<_> = denied.map(|reason| reason.map(DenyReason::code)).collect();
            assert_eq!(codes, [Some(code); 4]);
            granter.abort();
        }
    }
}
