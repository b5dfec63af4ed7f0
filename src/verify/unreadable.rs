//! Keys whose row cannot be turned into an entry. Each of them is refused as unknown; the others
//! are served.

use std::collections::BTreeMap;

use parking_lot::RwLock;

/// By the key's id, with the word for what is wrong.
#[derive(Default)]
pub struct Unreadable {
    keys: RwLock<BTreeMap<String, &'static str>>,
}

impl Unreadable {
    /// Whether that is news.
    pub fn note(&self, key: &str, fault: &'static str) -> bool {
        self.keys.write().insert(key.to_owned(), fault) != Some(fault)
    }

    /// The key can be read, or is gone.
    pub fn clear(&self, key: &str) {
        // Mostly there is none, and a load asks for every key.
        if !self.keys.read().is_empty() {
            self.keys.write().remove(key);
        }
    }

    pub fn count(&self) -> usize {
        self.keys.read().len()
    }

    /// The first of them, by id.
    pub fn first(&self, limit: usize) -> Vec<(String, &'static str)> {
        let keys = self.keys.read();
        keys.iter()
            .take(limit)
            .map(|(key, fault)| (key.clone(), *fault))
            .collect()
    }
}
