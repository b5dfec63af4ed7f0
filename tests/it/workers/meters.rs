//! What calls use of the accounts' meters: the rollups and the counters of the plan.

use std::borrow::Cow;

use latchkey::domain::clock::SystemClock;
use latchkey::domain::meter::MeterUse;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;

use super::LogPath;
use super::allowed;
use super::completion_of;
use super::seconds;
use super::waiting;

const METERS: &str = "
    insert into meters (slug, label, kind) values
        ('imports', 'Imports', 'period'), ('storage', 'Storage', 'level'),
        ('requests', 'Requests', 'period'), ('credits', 'Credits', 'period')
        on conflict (slug) do nothing;";

/// At the real time: the counters go by the database's clock.
fn log_path() -> LogPath {
    let path = LogPath::new();
    path.clock.set(SystemClock::shared().now());
    path.test_db.execute(METERS);
    path
}

fn uses(meter: &'static str, used: i64, charged: i64) -> MeterUse<'static> {
    MeterUse {
        meter: Cow::Borrowed(meter),
        used,
        charged,
    }
}

fn importing(path: &LogPath, used: i64, charged: i64) -> DecisionRecord<'static> {
    DecisionRecord {
        meters: vec![uses("imports", used, charged)],
        ..waiting(path.now())
    }
}

fn told(decision: &DecisionRecord<'_>, meter: &str, more: i64) -> Record<'static> {
    match completion_of(decision, 200, decision.credits) {
        Record::Completion(mut completion) => {
            completion.meters = vec![MeterUse::afterwards(meter, more)];
            Record::Completion(completion)
        }
        other => other,
    }
}

fn rolled_up(path: &LogPath, meter: &str) -> i64 {
    path.number(&format!(
        "select coalesce(sum(amount), 0) from meter_usage_daily
          where account_id = 1 and workspace_id = 1 and meter = '{meter}' and source = 'api'"
    ))
}

fn counted(path: &LogPath, meter: &str) -> i64 {
    path.number(&format!(
        "select coalesce(sum(used), 0) from limit_counters where subject = 'meter:{meter}'"
    ))
}

#[tokio::test]
async fn what_was_charged_is_rolled_up_and_not_counted_again() {
    let path = log_path();
    for _ in 0..3 {
        path.append(&Record::Decision(importing(&path, 2, 2)));
    }
    path.shipper().drain().await.unwrap();
    assert_eq!(
        (rolled_up(&path, "imports"), counted(&path, "imports")),
        (6, 0)
    );
    assert_eq!(rolled_up(&path, "requests"), 3);
    assert_eq!(rolled_up(&path, "credits"), 3);
}

#[tokio::test]
async fn what_is_told_afterwards_corrects_rollup_and_counter_in_any_batch() {
    let path = log_path();
    let shipper = path.shipper();
    let (one, other) = (importing(&path, 0, 0), importing(&path, 1, 1));
    path.append(&Record::Decision(one.clone()));
    path.append(&told(&one, "imports", 4));
    path.append(&told(&one, "imports", 1));
    path.append(&Record::Decision(other.clone()));
    shipper.drain().await.unwrap();
    assert_eq!(
        (rolled_up(&path, "imports"), counted(&path, "imports")),
        (6, 5)
    );
    path.append(&told(&other, "imports", 9));
    path.append(&told(&other, "imports", -7));
    shipper.drain().await.unwrap();
    assert_eq!(
        (rolled_up(&path, "imports"), counted(&path, "imports")),
        (8, 7)
    );
}

#[tokio::test]
async fn a_level_follows_calls_up_and_down() {
    let path = log_path();
    let call = allowed(path.now());
    path.append(&Record::Decision(call.clone()));
    path.append(&told(&call, "storage", 700));
    path.append(&told(&call, "storage", -300));
    path.shipper().drain().await.unwrap();
    assert_eq!(
        (rolled_up(&path, "storage"), counted(&path, "storage")),
        (400, 400)
    );
}

#[tokio::test]
async fn credits_and_requests_are_counted_only_where_the_plan_caps_them() {
    let path = log_path();
    let shipper = path.shipper();
    let call = waiting(path.now());
    path.append(&Record::Decision(call.clone()));
    shipper.drain().await.unwrap();
    assert_eq!(
        (rolled_up(&path, "credits"), counted(&path, "credits")),
        (1, 0)
    );
    path.test_db.execute(
        "insert into plan_meters (plan, meter, amount) values ('standard', 'credits', 100)
             on conflict do nothing",
    );
    path.append(&completion_of(&call, 200, 5));
    shipper.drain().await.unwrap();
    assert_eq!(
        (rolled_up(&path, "credits"), counted(&path, "credits")),
        (5, 4)
    );
    let charged = DecisionRecord {
        credits: 3,
        meters: vec![uses("credits", 0, 3)],
        ..allowed(path.now())
    };
    path.append(&Record::Decision(charged));
    shipper.drain().await.unwrap();
    assert_eq!(
        (rolled_up(&path, "credits"), counted(&path, "credits")),
        (8, 4)
    );
}

#[tokio::test]
async fn a_meter_that_nobody_knows_is_passed_over() {
    let path = log_path();
    let call = allowed(path.now());
    path.append(&Record::Decision(call.clone()));
    path.append(&told(&call, "unheard-of", 3));
    path.shipper().drain().await.unwrap();
    assert_eq!(path.rows(), 1);
    assert_eq!(
        (rolled_up(&path, "unheard-of"), counted(&path, "unheard-of")),
        (0, 0)
    );
}

#[tokio::test]
async fn a_kill_between_two_batches_doubles_no_meter_and_loses_none() {
    let path = log_path();
    for second in 0..30 {
        let call = DecisionRecord {
            at: path.now() + seconds(second) / 30,
            ..importing(&path, 2, 1)
        };
        path.append(&Record::Decision(call));
    }
    path.spool.sync();
    path.shipper().with_batches_of(13).run_once().await.unwrap();
    // Another process goes on with the same files and does not know how far the first one came.
    path.shipper().with_batches_of(7).drain().await.unwrap();
    path.shipper().drain().await.unwrap();
    assert_eq!(
        (rolled_up(&path, "imports"), counted(&path, "imports")),
        (60, 30)
    );
    assert_eq!(rolled_up(&path, "requests"), 30);
}

#[tokio::test]
async fn what_cannot_be_stored_is_stored_once_when_it_can() {
    let path = log_path();
    let call = importing(&path, 5, 0);
    path.append(&Record::Decision(call));
    path.spool.sync();
    path.test_db
        .execute("alter table limit_counters rename to away");
    let shipper = path.shipper();
    assert!(shipper.run_once().await.is_err());
    assert_eq!((path.rows(), rolled_up(&path, "imports")), (0, 0));
    path.test_db
        .execute("alter table away rename to limit_counters");
    shipper.drain().await.unwrap();
    assert_eq!(
        (rolled_up(&path, "imports"), counted(&path, "imports")),
        (5, 5)
    );
}
