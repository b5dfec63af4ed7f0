//! Randomness, passed in. Secrets come from the operating system; if it has none, nothing is made.

use std::sync::Arc;

use parking_lot::Mutex;
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

/// Asks its source for many bytes at once and hands them out in small pieces, so that a name costs
/// no system call. For names only: a secret must not lie in memory before it is wanted.
pub struct PooledRandom {
    source: SharedRandom,
    pool: Mutex<Pool>,
}

const POOL_BYTES: usize = 1024;

struct Pool {
    bytes: [u8; POOL_BYTES],
    used: usize,
}

impl PooledRandom {
    pub fn shared(source: SharedRandom) -> SharedRandom {
        let pool = Mutex::new(Pool {
            bytes: [0; POOL_BYTES],
            used: POOL_BYTES,
        });
        Arc::new(Self { source, pool })
    }
}

impl Random for PooledRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        if buffer.len() > POOL_BYTES {
            return self.source.fill(buffer);
        }
        let mut pool = self.pool.lock();
        if pool.used + buffer.len() > POOL_BYTES {
            // Nothing of it may be handed out if it could not be filled.
            pool.used = POOL_BYTES;
            self.source.fill(&mut pool.bytes)?;
            pool.used = 0;
        }
        let end = pool.used + buffer.len();
        buffer.copy_from_slice(&pool.bytes[pool.used..end]);
        pool.used = end;
        Ok(())
    }
}

/// A random (version 4) UUID.
pub fn uuid(random: &dyn Random) -> Result<uuid::Uuid, NoRandomness> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU8;
    use std::sync::atomic::Ordering;

    use super::*;

    /// Counts up, byte by byte, and has nothing more after `left` calls.
    struct Counting {
        next: AtomicU8,
        left: AtomicU8,
    }

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
            if self.left.fetch_sub(1, Ordering::Relaxed) == 0 {
                self.left.store(0, Ordering::Relaxed);
                return Err(NoRandomness);
            }
            buffer.fill_with(|| self.next.fetch_add(1, Ordering::Relaxed));
            Ok(())
        }
    }

    #[test]
    fn no_byte_of_a_pool_is_handed_out_twice_and_none_after_its_source_is_dry() {
        let pooled = PooledRandom::shared(Arc::new(Counting {
            next: AtomicU8::new(0),
            left: AtomicU8::new(1),
        }));
        let (mut one, mut other) = ([0; 100], [0; 100]);
        pooled.fill(&mut one).unwrap();
        pooled.fill(&mut other).unwrap();
        assert_eq!((one[0], one[99], other[0], other[99]), (0, 99, 100, 199));
        let mut rest = [0; 824];
        pooled.fill(&mut rest).unwrap();
        assert!(pooled.fill(&mut [0]).is_err());
        assert!(pooled.fill(&mut [0]).is_err());
    }
}
