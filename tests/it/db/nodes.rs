use std::time::Duration;

use latchkey::db::nodes;
use latchkey::db::nodes::NodeRow;
use latchkey::db::nodes::Pending;
use latchkey::db::nodes::Progress;
use uuid::Uuid;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;

fn node(fixture: &mut Fixture, name: &str, applied_seq: i64, silent_ms: u32) {
    let node = NodeRow {
        id: Uuid::new_v4(),
        name: name.to_owned(),
        version: "1".to_owned(),
        started_at: now(),
        applied_seq,
        lease_ms: 2000,
    };
    nodes::register(&mut fixture.conn, &node).unwrap();
    fixture.execute(&format!(
        "update nodes set heartbeat_at = heartbeat_at - interval '{silent_ms} ms'
         where name = '{name}'"
    ));
}

#[test]
fn a_node_behind_is_waited_for_until_it_has_fenced_itself() {
    let mut fixture = Fixture::new();
    node(&mut fixture, "ahead", 7, 0);
    node(&mut fixture, "behind", 6, 2000);
    node(&mut fixture, "gone", 6, 2400);
    node(&mut fixture, "long gone", 6, 3_600_000);
    let progress = nodes::progress(&mut fixture.conn, 7).unwrap();
    let behind = Pending {
        name: "behind".to_owned(),
        lease: Duration::from_secs(2),
    };
    let expected = Progress {
        applied: vec!["ahead".to_owned()],
        fenced: vec!["gone".to_owned()],
        pending: vec![behind],
    };
    assert_eq!(progress, expected);
}

#[test]
fn with_no_node_nothing_is_pending() {
    let mut fixture = Fixture::new();
    let progress = nodes::progress(&mut fixture.conn, 7).unwrap();
    assert_eq!(progress, Progress::default());
}
