//! Requests that are asked again under the same name: a verify that timed out on its way back is
//! not counted twice.
//!
//! Known to this node only; a repeat that reaches another node is a request of its own there.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::hash::Hash;
use std::hash::RandomState;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::DenyReason;
use crate::domain::request_id::RequestId;

/// For how long a name stands for the same request.
pub const REPEATS_LAST: Duration = Duration::from_mins(10);
/// Above this many the oldest are forgotten before their time.
pub const REPEATS_CAPACITY: usize = 100_000;

/// The service credential that asked, and the name it gave.
type Name = (ApiKeyId, Box<str>);

/// What was decided when the request came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    pub request_id: RequestId,
    pub denied: Option<DenyReason>,
}

pub struct Repeat {
    fingerprint: u64,
    /// Set once the first decision is written; whoever comes meanwhile waits for it. Once it is one
    /// that allowed, it stays: it was charged.
    pub first: Mutex<Option<First>>,
}

/// A cheap handle.
#[derive(Clone, Default)]
pub struct Repeats(Arc<Shared>);

#[derive(Default)]
struct Shared {
    hasher: RandomState,
    known: parking_lot::Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_name: HashMap<Name, Arc<Repeat>>,
    by_age: VecDeque<(Duration, Name)>,
}

impl Repeats {
    /// The entry of the request that `credential` calls `name`; `None` if that name stands for a
    /// request with another `content`.
    pub fn find(
        &self,
        credential: ApiKeyId,
        name: &str,
        content: &impl Hash,
        now: Duration,
    ) -> Option<Arc<Repeat>> {
        let fingerprint = self.0.hasher.hash_one(content);
        let name: Name = (credential, name.into());
        let mut known = self.0.known.lock();
        known.forget(now);
        if let Some(repeat) = known.by_name.get(&name) {
            return (repeat.fingerprint == fingerprint).then(|| Arc::clone(repeat));
        }
        let repeat = Arc::new(Repeat {
            fingerprint,
            first: Mutex::new(None),
        });
        known.by_age.push_back((now, name.clone()));
        known.by_name.insert(name, Arc::clone(&repeat));
        Some(repeat)
    }
}

impl Known {
    fn forget(&mut self, now: Duration) {
        while let Some((since, _)) = self.by_age.front() {
            let over = now.saturating_sub(*since) >= REPEATS_LAST;
            if !over && self.by_age.len() < REPEATS_CAPACITY {
                return;
            }
            if let Some((_, name)) = self.by_age.pop_front() {
                self.by_name.remove(&name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ApiKeyId {
        text.parse().unwrap()
    }

    fn second(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    #[test]
    fn a_name_stands_for_one_request_of_one_credential_for_ten_minutes() {
        let repeats = Repeats::default();
        let one = id("aaaaaaaaaaaa");
        let first = repeats.find(one, "a", &"content", second(0)).unwrap();
        let again = repeats.find(one, "a", &"content", second(599)).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert!(repeats.find(one, "a", &"other", second(599)).is_none());
        let others = repeats
            .find(id("bbbbbbbbbbbb"), "a", &"content", second(599))
            .unwrap();
        assert!(!Arc::ptr_eq(&first, &others));
        let later = repeats.find(one, "a", &"other", second(600)).unwrap();
        assert!(!Arc::ptr_eq(&first, &later));
    }

    #[test]
    fn more_names_than_there_is_room_for_forget_the_oldest() {
        let repeats = Repeats::default();
        let one = id("aaaaaaaaaaaa");
        for number in 0..REPEATS_CAPACITY + 5 {
            repeats.find(one, &number.to_string(), &0, second(1));
        }
        let known = repeats.0.known.lock();
        assert_eq!(known.by_name.len(), REPEATS_CAPACITY);
        assert!(!known.by_name.contains_key(&(one, "0".into())));
    }
}
