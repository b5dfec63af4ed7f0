//! What the operator's back ends send to Latchkey's own API: `<prefix>svc_<id>_<secret><crc>`,
//! a key's form under another brand, so that one can never pass for the other.

use crate::crypto::key_secret;
use crate::crypto::key_secret::PlainKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::random::NoRandomness;
use crate::domain::random::Random;

/// Longest name of one, in characters.
pub const NAME_LENGTH_MAX: usize = 200;

/// The brand of an installation's service credentials.
#[derive(Debug, Clone)]
pub struct ServicePrefix(KeyPrefix);

impl ServicePrefix {
    pub fn of(prefix: &KeyPrefix) -> Self {
        Self(prefix.with_suffix("svc"))
    }
}

pub fn generate(prefix: &ServicePrefix, random: &dyn Random) -> Result<PlainKey, NoRandomness> {
    PlainKey::generate(&prefix.0, ApiKeyId::generate(random)?, random)
}

/// The id in `text`, if `text` has the form and checksum of a service credential.
pub fn id_of(prefix: &ServicePrefix, text: &str) -> Option<ApiKeyId> {
    key_secret::key_id_of(&prefix.0, text)
}
