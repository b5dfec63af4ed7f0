//! The packets between a node and its database are dropped by the kernel.

use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use crate::process::faults::Load;
use crate::process::faults::Said;
use crate::process::faults::assert_logged;
use crate::process::faults::assert_only_valid_or_unavailable;
use crate::process::number;
use crate::process::wait_until;
use crate::support::nodes::Nodes;

const CUT: Duration = Duration::from_mins(1);
/// From the moment packets pass again.
const RECOVERED_WITHIN: Duration = Duration::from_secs(5);

/// Drops what is sent to and from a TCP port, until it goes.
struct Dropped {
    table: String,
}

impl Dropped {
    fn at(port: u16) -> Self {
        let dropped = Self {
            table: format!("inet latchkey_{port}"),
        };
        let table = &dropped.table;
        nft(&format!("add table {table}"));
        nft(&format!(
            "add chain {table} cut {{ type filter hook input priority 0; }}"
        ));
        nft(&format!("add rule {table} cut tcp dport {port} drop"));
        nft(&format!("add rule {table} cut tcp sport {port} drop"));
        dropped
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        nft(&format!("delete table {}", self.table));
    }
}

fn nft(command: &str) {
    let done = Command::new("nft").arg(command).output();
    let done = done.unwrap_or_else(|error| panic!("nft (apt-get install nftables): {error}"));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "nft {command}, as root: {said}");
}

/// Unlike a line that is held up, dropped packets are sent again ever later, and so are attempts to
/// connect: a node that waited for the kernel would be away for half a minute more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root and nftables; cargo test --test it -- --ignored packets"]
async fn a_node_whose_packets_to_the_database_are_dropped_recovers_by_itself_and_loses_nothing() {
    let nodes = Nodes::start(1).await;
    let node = &nodes.all[0];
    let load = Load::of(
        nodes.keys[0].expose(),
        nodes.credential(),
        node.process.api(),
    );
    load.wait_for(&Said::Valid, 100).await;
    let dropped = Dropped::at(node.line.address.port());
    let cut = Instant::now();
    load.wait_for(&Said::Unavailable, 50).await;
    wait_until("the cut to be over", || cut.elapsed() >= CUT).await;
    drop(dropped);
    let healed = Instant::now();
    load.wait_for(&Said::Valid, 100).await;
    let recovered = healed.elapsed();
    eprintln!("valid again after {recovered:?}");
    let calls = load.end().await;
    assert_only_valid_or_unavailable(&calls);
    let mut connection = nodes.db.connection();
    assert_logged(&mut connection, &calls).await;
    let logged = healed.elapsed();
    eprintln!("all rows are there after {logged:?}");
    let sums = "select sum(requests) - (select count(*) from request_log) from usage_daily";
    assert_eq!(number(&mut connection, sums), 0, "rollups equal the rows");
    assert!(recovered <= RECOVERED_WITHIN, "{recovered:?}");
}
