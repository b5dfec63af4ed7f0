//! How many requests one key may have under way at this node, so that one caller cannot take all
//! connections of the upstream. Above it: 429, because waiting helps and the caller can.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::domain::api_key::ApiKeyId;

pub const PLACES_PER_KEY: u32 = 64;

/// A cheap handle.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashMap<ApiKeyId, u32>>>);

/// Held from the decision to the last byte of the answer.
pub struct Place {
    key: ApiKeyId,
    among: InFlight,
}

impl InFlight {
    pub fn enter(&self, key: ApiKeyId) -> Option<Place> {
        let mut taken = self.0.lock();
        let count = taken.entry(key).or_default();
        if *count >= PLACES_PER_KEY {
            return None;
        }
        *count += 1;
        Some(Place {
            key,
            among: self.clone(),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.among.0.lock();
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_as_many_places_as_there_are_and_gets_them_back() {
        let in_flight = InFlight::default();
        let (one, other) = ("aaaaaaaaaaaa", "bbbbbbbbbbbb");
        let enter = |key: &str| in_flight.enter(key.parse().unwrap());
        let places: Vec<_> = (0..PLACES_PER_KEY).map_while(|_| enter(one)).collect();
        assert_eq!(places.len(), 64);
        assert!(enter(one).is_none());
        assert!(enter(other).is_some());
        drop(places);
        assert!(in_flight.0.lock().is_empty());
    }
}
