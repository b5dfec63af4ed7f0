//! The database is killed, frozen, cut off.

use std::fs;
use std::time::Duration;
use std::time::Instant;

use diesel::RunQueryDsl;
use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;

use crate::process::Filled;
use crate::process::faults::Load;
use crate::process::faults::Said;
use crate::process::faults::assert_logged;
use crate::process::faults::assert_only_valid_or_unavailable;
use crate::process::faults::p99;
use crate::process::number;
use crate::process::wait_until;
use crate::support::nodes::Nodes;

const FROZEN: Duration = Duration::from_secs(30);
const CUT: Duration = Duration::from_secs(15);
/// From the moment the database is there again. For a debug build among other tests.
const RECOVERED_WITHIN: Duration = Duration::from_secs(10);
const CAP: usize = 900;
const KILLS: usize = 3;

fn postmaster(filled: &Filled) -> i32 {
    let path = filled.installation.data_dir().join("pg/postmaster.pid");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().next().unwrap_or_default().parse().unwrap_or(0)
}

/// To the postmaster and to all that answer for it.
fn signal_all(postmaster: i32, signal: Signal) {
    let children = format!("/proc/{postmaster}/task/{postmaster}/children");
    let children = fs::read_to_string(children).unwrap();
    let children = children.split_whitespace().map(|pid| pid.parse().unwrap());
    for pid in [postmaster].into_iter().chain(children) {
        let _ = kill_process(Pid::from_raw(pid).unwrap(), signal);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_killed_again_and_again_lets_nobody_past_a_limit() {
    let (filled, process) = Filled::serve().await;
    diesel::sql_query(format!(
        "insert into key_limits (account_id, key_id, daily) select account_id, id, {CAP} from api_keys"
    ))
    .execute(&mut filled.database())
    .unwrap();
    // Calls count from the moment at which the node knows.
    let known = "((select min(applied_seq) from nodes) >= (select max(seq) from key_changes))::int";
    let mut database = filled.database();
    wait_until("the node knows", || number(&mut database, known) == 1).await;
    drop(database);
    let load = Load::begin(&filled, process.api());
    for round in 1..=KILLS {
        let goal = round * CAP / (KILLS + 1) - CAP / 5;
        wait_until("some are let in", || load.count(&Said::Valid) >= goal).await;
        let killed = postmaster(&filled);
        kill_process(Pid::from_raw(killed).unwrap(), Signal::KILL).unwrap();
        wait_until("it is started again", || {
            let now = postmaster(&filled);
            now != killed && now != 0
        })
        .await;
    }
    load.wait_for(&Said::Refused("QUOTA_DAILY".to_owned()), 50)
        .await;
    let calls = load.end().await;
    let valid = calls.iter().filter(|call| call.said == Said::Valid).count();
    assert!(valid <= CAP, "{valid} of {CAP}");
    for call in &calls {
        assert!(
            !matches!(call.said, Said::Failed(_) | Said::Lost),
            "{call:?}"
        );
    }
    assert_logged(&mut filled.database(), &calls).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_slows_no_answer_and_no_health_check() {
    let (filled, process) = Filled::serve().await;
    let load = Load::begin(&filled, process.api());
    load.wait_for(&Said::Valid, 100).await;
    let postmaster = postmaster(&filled);
    signal_all(postmaster, Signal::STOP);
    let frozen = Instant::now();
    let client = reqwest::Client::new();
    let health = format!("{}/healthz", process.api());
    let mut slowest = Duration::ZERO;
    while frozen.elapsed() < FROZEN {
        let began = Instant::now();
        let answer = client.get(&health).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        slowest = slowest.max(began.elapsed());
    }
    assert!(
        load.count(&Said::Unavailable) > 0,
        "old news is not trusted"
    );
    signal_all(postmaster, Signal::CONT);
    let thawed = Instant::now();
    load.wait_for(&Said::Valid, 100).await;
    let recovered = thawed.elapsed();
    let calls = load.end().await;
    let p99 = p99(&calls);
    eprintln!("p99 {p99:?}, health at most {slowest:?}, valid again after {recovered:?}");
    assert!(p99 <= Duration::from_secs(1), "{p99:?}");
    assert!(slowest <= Duration::from_secs(1), "{slowest:?}");
    assert!(recovered <= RECOVERED_WITHIN, "{recovered:?}");
    assert_only_valid_or_unavailable(&calls);
    assert_logged(&mut filled.database(), &calls).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_cut_off_from_its_database_recovers_by_itself_and_loses_nothing() {
    let nodes = Nodes::start(1).await;
    let node = &nodes.all[0];
    let load = Load::of(
        nodes.keys[0].expose(),
        nodes.credential(),
        node.process.api(),
    );
    load.wait_for(&Said::Valid, 100).await;
    node.line.freeze();
    let cut = Instant::now();
    load.wait_for(&Said::Unavailable, 50).await;
    // As long as that, whatever happens: connections die by their own clocks meanwhile.
    wait_until("the cut to be over", || cut.elapsed() >= CUT).await;
    node.line.heal();
    let healed = Instant::now();
    load.wait_for(&Said::Valid, 100).await;
    let recovered = healed.elapsed();
    eprintln!("valid again after {recovered:?}");
    assert!(recovered <= RECOVERED_WITHIN, "{recovered:?}");
    let calls = load.end().await;
    assert_only_valid_or_unavailable(&calls);
    let mut connection = nodes.db.connection();
    assert_logged(&mut connection, &calls).await;
    let sums = "select sum(requests) - (select count(*) from request_log) from usage_daily";
    assert_eq!(number(&mut connection, sums), 0, "rollups equal the rows");
}
