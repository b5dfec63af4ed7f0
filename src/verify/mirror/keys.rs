//! The table of keys. Each is found by the id in its entry, which stands nowhere else.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use parking_lot::RwLock;

use crate::domain::api_key::ApiKeyId;
use crate::verify::entry::KeyEntry;

/// Keys are spread over this many tables, so that a growing one halts few readers and briefly.
const SHARDS: usize = 256;

type Shard = HashTable<Arc<KeyEntry>>;

pub struct Keys {
    hasher: RandomState,
    shards: Vec<RwLock<Shard>>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            shards: std::iter::repeat_with(RwLock::default)
                .take(SHARDS)
                .collect(),
        }
    }
}

impl Keys {
    pub fn get(&self, id: ApiKeyId) -> Option<Arc<KeyEntry>> {
        let hash = self.hasher.hash_one(id);
        let shard = self.shards[place(hash)].read();
        shard.find(hash, |key| key.id == id).cloned()
    }

    /// Returns what it takes the place of.
    pub fn put(&self, key: Arc<KeyEntry>) -> Option<Arc<KeyEntry>> {
        let hash = self.hasher.hash_one(key.id);
        let mut shard = self.shards[place(hash)].write();
        let rehash = |key: &Arc<KeyEntry>| self.hasher.hash_one(key.id);
        match shard.entry(hash, |other| other.id == key.id, rehash) {
            Entry::Occupied(mut old) => Some(std::mem::replace(old.get_mut(), key)),
            Entry::Vacant(free) => {
                free.insert(key);
                None
            }
        }
    }

    pub fn remove(&self, id: ApiKeyId) -> Option<Arc<KeyEntry>> {
        let hash = self.hasher.hash_one(id);
        let mut shard = self.shards[place(hash)].write();
        let found = shard.find_entry(hash, |key| key.id == id).ok()?;
        Some(found.remove().0)
    }

    /// To be changed, while nobody else knows of it.
    pub fn get_mut(&mut self, id: ApiKeyId) -> Option<&mut KeyEntry> {
        let hash = self.hasher.hash_one(id);
        let shard = self.shards[place(hash)].get_mut();
        Arc::get_mut(shard.find_mut(hash, |key| key.id == id)?)
    }

    /// Those for which `is_wanted` holds.
    pub fn ids(&self, is_wanted: impl Fn(&KeyEntry) -> bool) -> Vec<ApiKeyId> {
        let mut ids = Vec::new();
        for shard in &self.shards {
            let shard = shard.read();
            let wanted = shard.iter().filter(|key| is_wanted(key));
            ids.extend(wanted.map(|key| key.id));
        }
        ids
    }

    pub fn count(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }

    /// Of the table itself.
    pub fn bytes(&self) -> usize {
        let shards = self.shards.iter();
        shards.map(|shard| shard.read().allocation_size()).sum()
    }
}

/// By bits that a table does not look at: it takes the lowest and the seven highest.
fn place(hash: u64) -> usize {
    usize::try_from(hash >> 32).unwrap_or_default() % SHARDS
}
