//! When the operator's back ends last asked, by their credential: noted in memory, told in batches.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use chrono::DateTime;
use chrono::Utc;
use parking_lot::RwLock;

use crate::domain::api_key::ApiKeyId;

/// A cheap handle. There are as many as work at once, and few more until the next start.
#[derive(Clone, Default)]
pub struct CredentialUse {
    /// Microseconds since 1970 that were not told yet; 0 for none.
    last: Arc<RwLock<BTreeMap<ApiKeyId, AtomicI64>>>,
}

impl CredentialUse {
    /// Of a credential that works, at so many microseconds since 1970.
    pub fn note(&self, id: ApiKeyId, micros: i64) {
        if let Some(last) = self.last.read().get(&id) {
            last.fetch_max(micros, Ordering::Relaxed);
            return;
        }
        let mut all = self.last.write();
        all.entry(id)
            .or_default()
            .fetch_max(micros, Ordering::Relaxed);
    }

    /// Takes what was noted since the last time.
    pub fn drain(&self) -> Vec<(ApiKeyId, DateTime<Utc>)> {
        let all = self.last.read();
        let taken = all.iter().filter_map(|(id, last)| {
            let micros = last.swap(0, Ordering::Relaxed);
            let at = DateTime::from_timestamp_micros(micros).filter(|_| micros > 0)?;
            Some((*id, at))
        });
        taken.collect()
    }

    /// What was drained could not be stored.
    pub fn put_back(&self, drained: &[(ApiKeyId, DateTime<Utc>)]) {
        for (id, at) in drained {
            self.note(*id, at.timestamp_micros());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_use_is_told_once_unless_it_is_put_back() {
        let used = CredentialUse::default();
        let id: ApiKeyId = "4fZk0QpL9aBc".parse().unwrap();
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        used.note(id, at(20).timestamp_micros());
        used.note(id, at(10).timestamp_micros());
        let drained = used.drain();
        assert_eq!(drained, [(id, at(20))]);
        assert!(used.drain().is_empty());
        used.note(id, at(30).timestamp_micros());
        used.put_back(&drained);
        assert_eq!(used.drain(), [(id, at(30))]);
    }
}
