//! What many keys have in common, held once for all that are read together.

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::hash::RandomState;
use std::sync::Arc;

use hashbrown::HashTable;

use crate::db::copy::Texts;
use crate::domain::grant::Permissions;
use crate::verify::entry::PresetEntry;

#[derive(Default)]
pub struct Common {
    hasher: RandomState,
    categories: HashSet<Arc<str>>,
    /// Permissions that were chosen one by one: of some dozen that there are, mostly the same.
    scopes: HashTable<Arc<PresetEntry>>,
}

impl Common {
    pub fn category(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.categories.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.categories.insert(Arc::clone(&new));
        new
    }

    /// The scope `slug` with these permissions.
    pub fn scope(&mut self, slug: &str, permissions: Texts<'_>) -> Arc<PresetEntry> {
        let hash = hash(&self.hasher, permissions.iter());
        let is_same = |known: &Arc<PresetEntry>| {
            known.slug == slug && known.permissions.iter().eq(permissions.iter())
        };
        if let Some(known) = self.scopes.find(hash, is_same) {
            return Arc::clone(known);
        }
        let new = Arc::new(PresetEntry {
            slug: slug.to_owned(),
            permissions: Permissions::new(permissions.iter()),
        });
        let rehash = |known: &Arc<PresetEntry>| self::hash(&self.hasher, known.permissions.iter());
        self.scopes.insert_unique(hash, Arc::clone(&new), rehash);
        new
    }
}

fn hash<'a>(hasher: &RandomState, texts: impl Iterator<Item = &'a str>) -> u64 {
    let mut hasher = hasher.build_hasher();
    texts.for_each(|text| text.hash(&mut hasher));
    hasher.finish()
}
