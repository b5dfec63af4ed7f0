//! Three nodes, one key with a limit: one node is killed, one loses the database.

use std::time::Duration;
use std::time::Instant;

use crate::process::number;
use crate::support::nodes::LEASE;
use crate::support::nodes::Nodes;
use crate::support::nodes::Said;
use crate::support::nodes::wait_until;

const CAP: usize = 60;
const KILLED: usize = 0;
const WHOLE: usize = 1;
const CUT: usize = 2;
/// The most that one of three nodes holds: what the database gives at once, and the last quarter of
/// what it gave before.
const HELD_MAX: usize = CAP / 6 + CAP / 24;
/// What a busy machine may add to any time, in a debug build.
const BUSY: Duration = Duration::from_millis(1_500);

/// Asks one after the other until `end` is said. How many were allowed.
async fn ask_until(nodes: &Nodes, node: usize, end: Said) -> usize {
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut allowed = 0;
    loop {
        let said = nodes.verify(node, 0).await;
        allowed += usize::from(said == Said::Valid);
        if said == end {
            return allowed;
        }
        assert!(Instant::now() < deadline, "{said:?}, and never {end:?}");
    }
}

/// Gives the key its limit; back when every node knows it.
async fn limit(nodes: &Nodes) {
    let id = nodes.keys[0].id();
    nodes.db.execute(&format!(
        "insert into key_limits (account_id, key_id, daily)
         select account_id, id, {CAP} from api_keys where id = '{id}'
         on conflict (account_id, key_id) do update set daily = excluded.daily"
    ));
    let known = "(select min(applied_seq) from nodes) >= (select max(seq) from key_changes)";
    let mut connection = nodes.db.connection();
    let known = format!("select ({known})::int::bigint as number");
    wait_until("all nodes know it", || number(&mut connection, &known) == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_node_and_one_without_its_database_let_in_no_more_than_they_hold() {
    let nodes = Nodes::start(1).await;
    limit(&nodes).await;
    let mut allowed = 0;
    for node in [KILLED, WHOLE, CUT].repeat(4) {
        allowed += usize::from(nodes.verify(node, 0).await == Said::Valid);
    }
    assert_eq!(allowed, 12);
    let pid = i32::try_from(nodes.all[KILLED].process.pid()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    nodes.all[CUT].line.freeze();
    let cut = Instant::now();
    // Both at once: the one spends what there is, the other what it holds.
    let (whole, alone) = tokio::join!(
        ask_until(&nodes, WHOLE, Said::Refused),
        ask_until(&nodes, CUT, Said::Unavailable),
    );
    assert!(alone <= HELD_MAX, "{alone} without the database");
    assert!(cut.elapsed() < LEASE + BUSY, "{:?}", cut.elapsed());
    allowed += whole + alone;
    assert!(allowed <= CAP, "{allowed} of {CAP}");
    nodes.all[CUT].line.heal();
    // What it gave back on a line that was dead may be lost; what is lost frees with its bucket.
    allowed += ask_until(&nodes, CUT, Said::Refused).await;
    allowed += ask_until(&nodes, WHOLE, Said::Refused).await;
    eprintln!("{allowed} of {CAP} let in");
    assert!(
        (CAP - 2 * HELD_MAX..=CAP).contains(&allowed),
        "{allowed} of {CAP}"
    );
}
