//! How much of the spool is not in the request log yet.

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use parking_lot::Mutex;

use crate::spool::Cursor;
use crate::spool::Spool;

/// Kept by the shipper, read by the node's heartbeat. Cheap to clone.
#[derive(Clone)]
pub struct Backlog {
    spool: Spool,
    shipped: Arc<Mutex<Shipped>>,
}

struct Shipped {
    to: Cursor,
    /// When there was nothing more to ship.
    all_at: Option<DateTime<Utc>>,
}

impl Backlog {
    pub(super) fn new(spool: Spool) -> Self {
        let shipped = Shipped {
            to: Cursor::START,
            all_at: None,
        };
        Self {
            spool,
            shipped: Arc::new(Mutex::new(shipped)),
        }
    }

    /// Everything before `to` is shipped; if that is all there is, it was all at `all_at`.
    pub(super) fn shipped(&self, to: Cursor, all_at: Option<DateTime<Utc>>) {
        let mut shipped = self.shipped.lock();
        shipped.to = to;
        if all_at.is_some() {
            shipped.all_at = all_at;
        }
    }

    /// What is shipped is deleted by segments, so of the first one a part may be shipped.
    pub fn bytes(&self) -> u64 {
        let shipped = self.shipped.lock().to.position;
        self.spool.backlog_bytes().saturating_sub(shipped)
    }

    /// Nothing in the backlog is older; `None` while the shipper has not caught up since the start.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        self.shipped.lock().all_at
    }
}
