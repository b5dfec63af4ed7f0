//! Three nodes on one database: a revoke that has returned is true on each of them, whatever
//! happens to their lines. `REVOKES` sets how many keys each test revokes.

mod history;
mod limits;

use std::time::Duration;
use std::time::Instant;

use diesel::connection::SimpleConnection;

use crate::process::nodes::history::History;
use crate::process::nodes::history::slowest;
use crate::support::nodes::LEASE;
use crate::support::nodes::Nodes;
use crate::support::nodes::Said;

/// What a busy machine may add to any time, in a debug build.
const BUSY: Duration = Duration::from_millis(1_500);
/// A node that is reached again must be back within this.
const RECOVERY: Duration = Duration::from_secs(5);
const ALL: [usize; 3] = [0, 1, 2];
/// The one whose line is cut.
const CUT: usize = 2;

fn revokes(usual: usize) -> usize {
    let asked = std::env::var("REVOKES").ok();
    asked.map_or(usual, |number| number.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_healthy_node_accepts_a_key_after_the_page_that_revokes_it() {
    let rounds = revokes(30);
    let mut history = History::begin(rounds).await;
    let mut times = Vec::new();
    for _ in 0..rounds {
        times.push(history.revoke(&ALL).await);
    }
    let flash = history.nodes.flash().await;
    assert!(flash.contains("No node has accepted it since"), "{flash}");
    assert!(flash.contains("(3 nodes, "), "{flash}");
    assert!(slowest("healthy", times) < BUSY);
    history.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_cut_off_is_waited_for_until_it_has_fenced_itself() {
    let rounds = revokes(12);
    let mut history = History::begin(rounds + 3).await;
    history.revoke(&ALL).await;
    let nodes = std::sync::Arc::clone(&history.nodes);
    nodes.all[CUT].line.freeze();
    let cut = Instant::now();
    let first = history.revoke(&ALL).await;
    eprintln!("the first revoke after the cut took {first:?}");
    assert!(
        first < LEASE + Duration::from_millis(500) + BUSY,
        "{first:?}"
    );
    let flash = nodes.flash().await;
    assert!(flash.contains("(2 nodes, "), "{flash}");
    assert!(
        flash.contains("Node c hears nothing from the database"),
        "{flash}"
    );
    assert!(cut.elapsed() < LEASE + Duration::from_millis(500) + BUSY);
    assert_eq!(nodes.verify(CUT, rounds + 2).await, Said::Unavailable);
    let mut times = Vec::new();
    for _ in 0..rounds {
        times.push(history.revoke(&ALL[..CUT]).await);
    }
    assert!(slowest("beside a fenced node", times) < BUSY);
    nodes.all[CUT].line.heal();
    let healed = Instant::now();
    // The last key tells of the node's return; it is accepted on all of them again.
    history.revoke(&ALL).await;
    assert!(healed.elapsed() < RECOVERY + BUSY, "{:?}", healed.elapsed());
    eprintln!(
        "back and revoked {:?} after the line healed",
        healed.elapsed()
    );
    drop(nodes);
    history.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_connections_are_lost_without_a_word_comes_back_by_itself() {
    let nodes = Nodes::start(1).await;
    nodes.all[CUT].line.lose();
    let deadline = Instant::now() + LEASE + BUSY;
    while nodes.verify(CUT, 0).await != Said::Unavailable {
        assert!(Instant::now() < deadline, "it goes on deciding");
    }
    nodes.all[CUT].line.heal();
    let healed = Instant::now();
    while nodes.verify(CUT, 0).await != Said::Valid {
        assert!(healed.elapsed() < RECOVERY + BUSY, "it does not come back");
    }
    eprintln!("back {:?} after the line healed", healed.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_announcements_the_poll_brings_a_change_within_a_second() {
    let rounds = revokes(8);
    let mut history = History::begin(rounds).await;
    for node in &history.nodes.all {
        node.line.lose_listeners();
    }
    let mut times = Vec::new();
    for _ in 0..rounds {
        times.push(history.revoke(&ALL).await);
    }
    assert!(slowest("without announcements", times) < Duration::from_secs(1) + BUSY);
    history.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_changes_whose_writers_overtake_each_other_reach_every_node() {
    let rounds = revokes(10);
    let nodes = Nodes::start(2 * rounds).await;
    let revoke = |key: usize| {
        let id = nodes.keys[key].id();
        format!("update api_keys set revoked_at = now() where id = '{id}'")
    };
    for round in 0..rounds {
        let (slow, fast) = (2 * round, 2 * round + 1);
        let mut first = nodes.db.connection();
        first
            .batch_execute(&format!("begin; {}", revoke(slow)))
            .unwrap();
        // It has its number. The second writer, quick to commit, must not get past it.
        let (mut second, statement) = (nodes.db.connection(), revoke(fast));
        let second = std::thread::spawn(move || second.batch_execute(&statement).unwrap());
        first
            .batch_execute("select pg_sleep(0.02); commit")
            .unwrap();
        second.join().unwrap();
        let deadline = Instant::now() + Duration::from_secs(1) + BUSY;
        for (node, key) in ALL
            .into_iter()
            .flat_map(|node| [(node, slow), (node, fast)])
        {
            while nodes.verify(node, key).await != Said::Refused {
                assert!(Instant::now() < deadline, "node {node} skipped key {key}");
            }
        }
    }
}
