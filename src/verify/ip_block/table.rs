//! What is counted, and what is blocked.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::VecDeque;
use std::time::Duration;

use crate::verify::ip_block::Block;
use crate::verify::ip_block::COUNTED_WITHIN;
use crate::verify::ip_block::ENTRIES_MAX;
use crate::verify::ip_block::FIRST_BLOCK;
use crate::verify::ip_block::LONGEST_BLOCK;
use crate::verify::ip_block::Place;
use crate::verify::ip_block::STRIKES_LAST;
use crate::verify::ip_block::UNKNOWN_KEYS_MAX;
use crate::verify::ip_block::UNTOLD_MAX;

#[derive(Default)]
pub struct Table {
    entries: HashMap<Place, Entry>,
    /// Every place by when it was heard of last, so that the oldest is at hand.
    by_age: BTreeMap<u64, Place>,
    turn: u64,
    untold: VecDeque<Block>,
}

struct Entry {
    turn: u64,
    /// When the unknown keys of the last minute came. Never longer than `UNKNOWN_KEYS_MAX`.
    failures: VecDeque<Duration>,
    blocked_until: Option<Duration>,
    strikes: u16,
    last: Duration,
}

impl Table {
    pub fn unknown_key(&mut self, place: Place, now: Duration) -> Option<Duration> {
        self.turn += 1;
        let turn = self.turn;
        let entry = self.entries.entry(place).or_insert_with(|| Entry {
            turn,
            failures: VecDeque::new(),
            blocked_until: None,
            strikes: 0,
            last: now,
        });
        self.by_age.remove(&entry.turn);
        self.by_age.insert(turn, place);
        entry.turn = turn;
        let (left, begun) = entry.unknown_key(now);
        if let Some(until) = begun {
            let (scope, network) = place;
            let strikes = entry.strikes;
            self.tell(Block {
                scope,
                network,
                since: now,
                until,
                strikes,
            });
        }
        if self.entries.len() > ENTRIES_MAX
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.entries.remove(&oldest);
        }
        left
    }

    pub fn forget(&mut self, place: &Place) {
        if let Some(entry) = self.entries.remove(place) {
            self.by_age.remove(&entry.turn);
        }
        self.untold
            .retain(|block| (block.scope, block.network) != *place);
    }

    pub fn take_untold(&mut self, most: usize) -> Vec<Block> {
        let count = most.min(self.untold.len());
        self.untold.drain(..count).collect()
    }

    pub fn put_back(&mut self, blocks: Vec<Block>) {
        for block in blocks.into_iter().rev() {
            if self.untold.len() < UNTOLD_MAX {
                self.untold.push_front(block);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    fn tell(&mut self, block: Block) {
        if self.untold.len() >= UNTOLD_MAX {
            self.untold.pop_front();
        }
        self.untold.push_back(block);
    }
}

impl Entry {
    /// For how long the address is blocked still, and the end of a block that begins now. The key
    /// that begins a block is answered as those before it.
    fn unknown_key(&mut self, now: Duration) -> (Option<Duration>, Option<Duration>) {
        if let Some(until) = self.blocked_until {
            if now < until {
                self.last = now;
                return (Some(until.saturating_sub(now)), None);
            }
            self.blocked_until = None;
        }
        if now.saturating_sub(self.last) >= STRIKES_LAST {
            self.strikes = 0;
        }
        self.last = now;
        let counted = |came: &Duration| now.saturating_sub(*came) < COUNTED_WITHIN;
        while self.failures.front().is_some_and(|came| !counted(came)) {
            self.failures.pop_front();
        }
        self.failures.push_back(now);
        if self.failures.len() < UNKNOWN_KEYS_MAX {
            return (None, None);
        }
        self.failures = VecDeque::new();
        let until = now + length_after(self.strikes);
        self.blocked_until = Some(until);
        self.strikes = self.strikes.saturating_add(1);
        (None, Some(until))
    }
}

/// Doubles with each block before.
fn length_after(strikes: u16) -> Duration {
    let times = 1_u32.checked_shl(strikes.into()).unwrap_or(u32::MAX);
    FIRST_BLOCK.saturating_mul(times).min(LONGEST_BLOCK)
}
