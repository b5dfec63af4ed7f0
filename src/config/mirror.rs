//! How long old news may decide.

use std::time::Duration;

use crate::config::Source;
use crate::domain::text;

#[derive(Debug, Clone)]
pub struct MirrorConfig {
    /// `LATCHKEY_MIRROR_LEASE_MS`: a node that has not heard from the database for this long
    /// answers 503.
    pub lease: Duration,
    /// `LATCHKEY_NODE_NAME`: how pages name this node; unset, the machine's name.
    pub node_name: Option<String>,
}

const NODE_NAME: &str = "LATCHKEY_NODE_NAME";
/// Longer names make no sentence.
const NODE_NAME_LENGTH_MAX: usize = 63;

impl MirrorConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        let lease = source.number("LATCHKEY_MIRROR_LEASE_MS", 2_000, (1_000, 60_000));
        let node_name = source.text(NODE_NAME).and_then(|name| {
            let read = text::line(&name, NODE_NAME_LENGTH_MAX);
            read.map_err(|error| source.fault(format!("{NODE_NAME}: {error}")))
                .ok()
        });
        Self {
            lease: Duration::from_millis(lease),
            node_name,
        }
    }
}
