//! How long old news may decide.

use std::time::Duration;

use crate::config::Source;

#[derive(Debug, Clone)]
pub struct MirrorConfig {
    /// `LATCHKEY_MIRROR_LEASE_MS`: a node that has not heard from the database for this long
    /// answers 503.
    pub lease: Duration,
}

impl MirrorConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        let lease = source.number("LATCHKEY_MIRROR_LEASE_MS", 2_000, (1_000, 60_000));
        Self {
            lease: Duration::from_millis(lease),
        }
    }
}
