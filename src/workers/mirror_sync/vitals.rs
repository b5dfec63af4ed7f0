//! What the heartbeat tells of the node.

use crate::db::nodes::UnreadableKey;
use crate::db::nodes::Vitals;
use crate::verify::mirror::Tables;
use crate::workers::log_shipper::Backlog;

/// More are counted, not named.
const UNREADABLE_NAMED_MAX: usize = 20;

pub fn take(tables: &Tables, backlog: Option<&Backlog>) -> Vitals {
    let unreadable = tables.unreadable().first(UNREADABLE_NAMED_MAX);
    let unreadable: Vec<UnreadableKey> = unreadable
        .into_iter()
        .map(|(key, fault)| UnreadableKey {
            key,
            fault: fault.to_owned(),
        })
        .collect();
    Vitals {
        keys: number(tables.keys().count()),
        unreadable: number(tables.unreadable().count()),
        unreadable_keys: serde_json::json!(unreadable),
        spool_bytes: backlog.map_or(0, |backlog| backlog.bytes().cast_signed()),
        spool_since: backlog.and_then(Backlog::since),
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
