//! What chunks of the spool come to, beside their rows. Those of a batch are added up, so that its
//! transaction changes the rows of its keys once.

use std::collections::BTreeSet;

use chrono::DateTime;
use chrono::Utc;

use crate::db::permission_uses::PermissionUse;
use crate::spool::Cursor;
use crate::spool::record::GapRecord;
use crate::workers::log_shipper::meter_tally::MeterTally;
use crate::workers::log_shipper::tally::Tally;

#[derive(Debug)]
pub struct Counted {
    /// Where to read on when this is stored.
    pub next: Cursor,
    /// Whether there is something to read there already.
    pub more: bool,
    /// Before it was read.
    pub begun: DateTime<Utc>,
    pub tally: Tally,
    pub meters: MeterTally,
    /// Not noted before this batch.
    pub permissions: BTreeSet<PermissionUse>,
    pub gaps: Vec<GapRecord>,
    /// Decisions and completions.
    pub records: usize,
    /// Records of days that are not kept.
    pub dropped: u64,
}

impl Counted {
    /// With what comes after it in the spool.
    pub fn add(&mut self, later: Self) {
        self.next = later.next;
        self.more = later.more;
        self.begun = later.begun;
        self.tally.add(later.tally);
        self.meters.add(later.meters);
        self.permissions.extend(later.permissions);
        self.gaps.extend(later.gaps);
        self.records += later.records;
        self.dropped += later.dropped;
    }

    /// How many sums this holds in memory.
    pub fn sums(&self) -> usize {
        self.tally.sums() + self.meters.sums() + self.permissions.len()
    }
}
