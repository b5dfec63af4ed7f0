//! The records that are missing because the disk did not take them and the operator chose to
//! answer all the same.

use chrono::DateTime;
use chrono::Utc;

use crate::spool::record::GapRecord;

#[derive(Default)]
pub struct Gap {
    missing: Option<GapRecord>,
}

impl Gap {
    pub fn note(&mut self, now: DateTime<Utc>) {
        let gap = self.missing.get_or_insert(GapRecord {
            from: now,
            to: now,
            records: 0,
        });
        gap.to = gap.to.max(now);
        gap.records += 1;
    }

    pub fn take(&mut self) -> Option<GapRecord> {
        self.missing.take()
    }

    /// It could not be written yet.
    pub fn put_back(&mut self, earlier: GapRecord) {
        let to = self.missing.map_or(earlier.to, |later| later.to);
        let records = self.missing.map_or(0, |later| later.records);
        self.missing = Some(GapRecord {
            from: earlier.from,
            to,
            records: earlier.records + records,
        });
    }
}
