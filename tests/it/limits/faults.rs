//! What becomes of limits when something breaks, and when they are changed.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use latchkey::domain::clock::Clock;
use latchkey::domain::clock::SharedClock;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::limit::Window;
use latchkey::domain::plan::RateWindow;
use latchkey::verify::Attempt;
use parking_lot::Mutex;

use super::Node;
use super::key;
use super::set_limits;
use super::verify;
use super::verify_until_refused;
use crate::db::fixture::Fixture;
use crate::support::rows;

#[tokio::test]
async fn each_answer_tells_what_is_used_and_the_refusal_when_room_frees() {
    let mut fixture = Fixture::new();
    let key = key(&mut fixture, "told", "daily = 3, monthly = 100");
    let node = Node::start(&fixture, 1).await;
    for used in 1..=3 {
        let limits = verify(&node.verifier, key.expose()).await.ok().unwrap();
        assert_eq!(limits[0].window, Window::Daily);
        assert_eq!((limits[0].limit, limits[0].used), (3, used));
        assert_eq!((limits[1].limit, limits[1].used), (100, used));
    }
    let denial = verify(&node.verifier, key.expose()).await.err().unwrap();
    assert_eq!(denial.reason, DenyReason::Quota(Window::Daily));
    let (day, minute) = (Duration::from_hours(24), Duration::from_mins(1));
    let retry_after = denial.retry_after.unwrap();
    assert!(retry_after + minute > day && retry_after <= day + minute);
    let frees_in = denial.limits[0].unwrap().frees_in.unwrap();
    assert!(frees_in > TimeDelta::hours(23));
    node.stop().await;
}

#[tokio::test]
async fn what_counts_for_nothing_is_let_in_and_told_the_limits() {
    let mut fixture = Fixture::new();
    let key = key(&mut fixture, "looked at", "total = 1");
    let node = Node::start(&fixture, 1).await;
    let look = Attempt {
        counts: false,
        ..Attempt::of(key.expose())
    };
    for used in [0, 1] {
        for _ in 0..3 {
            let latchkey::verify::Decision::Allow(permit) =
                node.verifier.decide(&look).await.unwrap()
            else {
                panic!("refused");
            };
            assert_eq!(permit.limits[0].unwrap().used, used);
        }
        let _ = verify(&node.verifier, key.expose()).await;
    }
    node.stop().await;
}

#[tokio::test]
async fn what_a_node_that_died_had_taken_is_spent_and_no_more() {
    let mut fixture = Fixture::new();
    let key = key(&mut fixture, "stranded", "daily = 40");
    let dying = Node::start(&fixture, 1).await;
    let mut before = 0;
    for _ in 0..10 {
        before += u64::from(verify(&dying.verifier, key.expose()).await.is_ok());
    }
    dying.kill().await;
    let taken = taken(&fixture);
    assert!((before..=40).contains(&taken), "{before} of {taken}");
    let other = Node::start(&fixture, 2).await;
    let (after, reason) = verify_until_refused(&other.verifier, &key).await;
    assert_eq!(reason, DenyReason::Quota(Window::Daily));
    assert_eq!(after, 40 - taken, "all that the other had not taken");
    other.stop().await;
}

/// What nodes have taken, once no question of theirs is on its way.
fn taken(fixture: &Fixture) -> u64 {
    const ASKING: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()";
    let deadline = Instant::now() + Duration::from_mins(1);
    while rows::number(&fixture.db, ASKING) > 0 {
        assert!(Instant::now() < deadline, "a question is still on its way");
        std::thread::yield_now();
    }
    let taken = rows::number(&fixture.db, "select sum(used) from limit_counters");
    taken.try_into().unwrap()
}

#[tokio::test]
async fn without_its_database_a_node_spends_what_it_has_and_then_cannot_decide() {
    let mut fixture = Fixture::new();
    let key = key(&mut fixture, "alone", "daily = 100");
    let node = Node::start(&fixture, 1).await;
    let verifier = node.verifier.clone();
    let mut allowed = 0;
    for _ in 0..5 {
        allowed += u64::from(verify(&verifier, key.expose()).await.is_ok());
    }
    node.kill().await;
    let asked = Instant::now();
    while verifier.decide(&Attempt::of(key.expose())).await.is_ok() {
        allowed += 1;
        assert!(allowed <= 100);
    }
    assert!(asked.elapsed() < Duration::from_secs(2));
    let other = Node::start(&fixture, 2).await;
    let (rest, _) = verify_until_refused(&other.verifier, &key).await;
    assert!(allowed + rest <= 100, "{allowed} and {rest}");
    other.stop().await;
}

#[tokio::test]
async fn a_limit_lowered_below_use_refuses_and_a_raised_one_lets_in_again() {
    let mut fixture = Fixture::new();
    let key = key(&mut fixture, "changed", "daily = 100");
    let mut node = Node::start(&fixture, 1).await;
    for _ in 0..10 {
        assert!(verify(&node.verifier, key.expose()).await.is_ok());
    }
    set_limits(&mut fixture, key.id(), "daily = 5");
    node.catch_up().await;
    let denial = verify(&node.verifier, key.expose()).await.err().unwrap();
    assert_eq!(denial.reason, DenyReason::Quota(Window::Daily));
    set_limits(&mut fixture, key.id(), "daily = 12");
    node.catch_up().await;
    // Exactly two: what the node held when the limit was changed it has given back.
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut allowed = 0;
    while allowed < 2 {
        assert!(Instant::now() < deadline, "{allowed} of 2");
        allowed += u64::from(verify(&node.verifier, key.expose()).await.is_ok());
        tokio::task::yield_now().await;
    }
    assert!(verify(&node.verifier, key.expose()).await.is_err());
    node.stop().await;
}

/// A machine whose wall clock somebody sets.
struct SetClock {
    machine: SharedClock,
    set_by: Mutex<TimeDelta>,
}

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        self.machine.now() + *self.set_by.lock()
    }

    fn monotonic(&self) -> Duration {
        self.machine.monotonic()
    }
}

#[tokio::test]
async fn a_wall_clock_that_is_set_lets_in_none_more_and_none_less() {
    let mut fixture = Fixture::new();
    let key = key(&mut fixture, "leaping", "daily = 30");
    let clock = Arc::new(SetClock {
        machine: SystemClock::shared(),
        set_by: Mutex::default(),
    });
    let mut node = Node::start_by(clock.clone(), &fixture, 1).await;
    let mut allowed = 0;
    // Daylight saving time, forth and back, a day and more, and past 2038.
    for hours in [0, 1, -1, 25, 24 * 31, 24 * 365 * 13, 0] {
        *clock.set_by.lock() = TimeDelta::hours(hours);
        for _ in 0..5 {
            allowed += u64::from(verify(&node.verifier, key.expose()).await.is_ok());
        }
        node.catch_up().await;
    }
    assert_eq!(allowed, 30);
    let limits = verify(&node.verifier, key.expose()).await.err().unwrap();
    let frees_in = limits.limits[0].unwrap().frees_in.unwrap();
    assert!(frees_in > TimeDelta::hours(23) && frees_in < TimeDelta::hours(25));
    node.stop().await;
}

#[tokio::test]
async fn a_reload_of_the_mirror_changes_nothing() {
    let mut fixture = Fixture::new();
    let key = key(&mut fixture, "reloaded", "daily = 4");
    let mut node = Node::start(&fixture, 1).await;
    assert!(verify(&node.verifier, key.expose()).await.is_ok());
    // News that is lost: only a full load helps.
    fixture.execute(
        "delete from key_changes;
         insert into key_changes (seq, kind, subject) overriding system value values (9000, 'preset', 'full')",
    );
    node.catch_up().await;
    assert_eq!(verify_until_refused(&node.verifier, &key).await.0, 3);
    node.stop().await;
}

#[tokio::test]
async fn the_rate_of_an_account_holds_for_all_its_keys_together() {
    let mut fixture = Fixture::new();
    fixture.execute("update plans set per_minute = 10");
    let keys = [
        key(&mut fixture, "one", "total = 1000"),
        key(&mut fixture, "two", "total = null"),
    ];
    let node = Node::start(&fixture, 1).await;
    let mut allowed = 0;
    for key in keys.iter().cycle().take(30) {
        match verify(&node.verifier, key.expose()).await {
            Ok(_) => allowed += 1,
            Err(denial) => {
                assert_eq!(denial.reason, DenyReason::RateLimited(RateWindow::Minute));
                assert!(denial.retry_after.unwrap() <= Duration::from_secs(61));
            }
        }
    }
    assert_eq!(allowed, 10);
    // All or none: what the rate refused is not charged to the key.
    let total = verify(&node.verifier, keys[0].expose())
        .await
        .err()
        .unwrap();
    assert_eq!(total.limits[0].unwrap().used, 5);
    node.stop().await;
}

#[tokio::test]
async fn a_meter_of_the_plan_refuses_by_its_name() {
    let mut fixture = Fixture::new();
    fixture.execute(
        "insert into plan_meters (plan, meter, amount) values ('standard', 'credits', 10)",
    );
    let key = key(&mut fixture, "metered", "total = null");
    let node = Node::start(&fixture, 1).await;
    let costing = |credits| Attempt {
        credits,
        ..Attempt::of(key.expose())
    };
    let mut reasons = Vec::new();
    for credits in [4, 7, 5, 2, 1] {
        match node.verifier.decide(&costing(credits)).await.unwrap() {
            latchkey::verify::Decision::Allow(_) => reasons.push(None),
            latchkey::verify::Decision::Deny(denial) => {
                assert_eq!(denial.missing.as_deref(), Some("credits"));
                reasons.push(Some(denial.reason));
            }
        }
    }
    let exhausted = Some(DenyReason::PlanExhausted);
    assert_eq!(reasons, [None, exhausted, None, exhausted, None]);
    node.stop().await;
}
