//! What keys look like.

use crate::config::Source;
use crate::domain::key_prefix::KeyPrefix;

#[derive(Debug, Clone)]
pub struct KeyConfig {
    /// `LATCHKEY_KEY_PREFIX`: the brand part of every key.
    pub prefix: KeyPrefix,
}

impl KeyConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        Self {
            prefix: source.or("LATCHKEY_KEY_PREFIX", KeyPrefix::default()),
        }
    }
}
