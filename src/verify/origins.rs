//! The origins of web pages that some key allows, for the requests of browsers that bear no key.

use std::collections::BTreeMap;
use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use parking_lot::RwLock;

use crate::verify::entry::KeyEntry;

/// Counted, so that the last key that allows an origin takes it away.
#[derive(Default)]
pub struct Origins(RwLock<HashMap<Box<str>, Allowing>>);

/// How many keys allow an origin.
#[derive(Default)]
struct Allowing {
    for_ever: usize,
    /// By when they expire.
    until: BTreeMap<DateTime<Utc>, usize>,
}

impl Origins {
    /// Whether a key that works at `now` allows it.
    pub fn allow(&self, origin: &str, now: DateTime<Utc>) -> bool {
        self.0.read().get(origin).is_some_and(|allowing| {
            allowing.for_ever > 0 || allowing.until.range(now..).any(|(until, _)| *until > now)
        })
    }

    /// `key` is what the mirror holds from now on, in the place of `old`.
    pub fn replace(&self, old: Option<&KeyEntry>, key: Option<&KeyEntry>) {
        if of(old).is_empty() && of(key).is_empty() {
            return;
        }
        let mut known = self.0.write();
        for (key, by) in [(key, Count::More), (old, Count::Less)] {
            let until = key.and_then(KeyEntry::expires_at);
            for origin in of(key) {
                let allowing = known.entry(origin.clone()).or_default();
                allowing.count(until, by);
                if allowing.is_empty() {
                    known.remove(origin);
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Count {
    More,
    Less,
}

impl Count {
    fn from(self, count: usize) -> usize {
        match self {
            Self::More => count + 1,
            Self::Less => count.saturating_sub(1),
        }
    }
}

impl Allowing {
    fn count(&mut self, until: Option<DateTime<Utc>>, by: Count) {
        let Some(until) = until else {
            self.for_ever = by.from(self.for_ever);
            return;
        };
        let count = self.until.entry(until).or_default();
        *count = by.from(*count);
        if *count == 0 {
            self.until.remove(&until);
        }
    }

    fn is_empty(&self) -> bool {
        self.for_ever == 0 && self.until.is_empty()
    }
}

/// What a key allows while nobody has ended it.
fn of(key: Option<&KeyEntry>) -> &[Box<str>] {
    let usable = key.filter(|key| key.ends.revoked_at.is_none() && key.ends.disabled_at.is_none());
    usable
        .and_then(|key| key.network.as_deref())
        .map_or(&[], |network| &network.origins)
}
