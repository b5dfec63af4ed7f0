//! Randomness, passed in. Secrets come from the operating system; if it has none, nothing is made.

use std::sync::Arc;

use rand::TryRng;
use rand::rngs::SysRng;

/// The operating system could not give random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system has no random bytes to give")]
pub struct NoRandomness;

pub trait Random: Send + Sync {
    /// Fills `buffer` with bytes fit for secrets.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness>;
}

pub type SharedRandom = Arc<dyn Random>;

pub struct OsRandom;

impl OsRandom {
    pub fn shared() -> SharedRandom {
        Arc::new(Self)
    }
}

impl Random for OsRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        SysRng.try_fill_bytes(buffer).map_err(|_| NoRandomness)
    }
}

/// A random (version 4) UUID.
pub fn uuid(random: &dyn Random) -> Result<uuid::Uuid, NoRandomness> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
