//! Addresses that send unknown keys again and again. Looked up first, blocked second: who sends a
//! key that somebody has is never asked about here.
//!
//! Each node counts for itself, on its monotonic clock. The table has a limit; beyond it, what was
//! quiet longest is forgotten.

mod table;

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use parking_lot::Mutex;

use crate::domain::ip_scope::IpScope;
use crate::verify::failed_attempts;
use crate::verify::ip_block::table::Table;

/// So many unknown keys within `COUNTED_WITHIN` begin a block.
pub const UNKNOWN_KEYS_MAX: usize = 20;
const COUNTED_WITHIN: Duration = Duration::from_mins(1);
const FIRST_BLOCK: Duration = Duration::from_mins(5);
const LONGEST_BLOCK: Duration = Duration::from_hours(1);
/// Blocks before are forgotten after this much quiet.
const STRIKES_LAST: Duration = Duration::from_hours(24);
pub const ENTRIES_MAX: usize = 100_000;
/// Blocks that wait to be told. Beyond it the oldest are not told; they hold all the same.
const UNTOLD_MAX: usize = 10_000;

/// Who is blocked, and where.
pub type Place = (IpScope, IpNet);

/// A block that has begun, as it is told to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    pub scope: IpScope,
    pub network: IpNet,
    /// When it began and ends, by this node's monotonic clock.
    pub since: Duration,
    pub until: Duration,
    /// How many blocks of this address there were lately, with this one.
    pub strikes: u16,
}

/// A cheap handle on the node's one table.
#[derive(Clone, Default)]
pub struct IpBlocks(Arc<Mutex<Table>>);

impl IpBlocks {
    /// Counts an unknown key that `ip` has sent. If the address is blocked, it is not counted, and
    /// the answer is for how long still.
    pub fn unknown_key(&self, scope: IpScope, ip: IpAddr, now: Duration) -> Option<Duration> {
        let place = (scope, failed_attempts::network_of(ip));
        self.0.lock().unknown_key(place, now)
    }

    /// The operator has lifted the block; what was counted before is forgotten too.
    pub fn lift(&self, scope: IpScope, network: IpNet) {
        self.0.lock().forget(&(scope, network));
    }

    /// Forgets every address, as a node does that has missed what was lifted.
    pub fn clear(&self) {
        *self.0.lock() = Table::default();
    }

    /// Up to `most` blocks that nobody was told of yet, the oldest first.
    pub fn untold(&self, most: usize) -> Vec<Block> {
        self.0.lock().take_untold(most)
    }

    /// They could not be told.
    pub fn put_back(&self, blocks: Vec<Block>) {
        self.0.lock().put_back(blocks);
    }

    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
