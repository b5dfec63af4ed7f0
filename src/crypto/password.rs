//! Passwords: argon2id, a limited number at once, each on a thread of its own that gives way to all
//! others: a flood of sign-ins takes the time that the check leaves (`benches/flood.py`).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use argon2::Algorithm;
use argon2::Argon2;
use argon2::Params;
use argon2::Version;
use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use tokio::sync::Semaphore;
use tokio::sync::oneshot;

use crate::domain::random::NoRandomness;
use crate::domain::random::Random;
use crate::domain::random::SharedRandom;

/// OWASP's floor: 19 MiB, two passes, one lane. Some 30 ms.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;

/// Of a thread, on Linux: what is left over is its share.
const NICEST: i32 = 19;

/// How many may wait for their turn; whoever comes after them is told to come back.
const QUEUE_CAPACITY: usize = 32;

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many at once.
    #[error("too many passwords are being checked")]
    Busy,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("a password could not be hashed: {0}")]
    Broken(String),
}

/// What came of comparing a password.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, and the stored hash is weaker than new ones are: store this one instead.
    RightAndRehashed(String),
}

/// A cheap handle on the one place that hashes.
#[derive(Clone)]
pub struct PasswordHasher(Arc<Inner>);

struct Inner {
    params: Params,
    random: SharedRandom,
    turns: Arc<Semaphore>,
    turns_max: usize,
    waiting: AtomicUsize,
    /// Compared with when nobody has that name, so that the answer takes as long.
    dummy: String,
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHasher(…)")
    }
}

impl PasswordHasher {
    /// As many at once as there are cores.
    pub fn new(random: SharedRandom) -> Result<Self, PasswordError> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(broken)?;
        Self::with_params(random, params)
    }

    fn with_params(random: SharedRandom, params: Params) -> Result<Self, PasswordError> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let dummy = hash(&params, &*random, "nobody has this password")?;
        Ok(Self(Arc::new(Inner {
            params,
            random,
            turns: Arc::new(Semaphore::new(cores)),
            turns_max: cores,
            waiting: AtomicUsize::new(0),
            dummy,
        })))
    }

    /// A PHC string with a salt of its own.
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        let inner = Arc::clone(&self.0);
        self.in_turn(move || hash(&inner.params, &*inner.random, password.expose_secret()))
            .await
    }

    /// As `hash`, for threads that may block.
    pub fn hash_blocking(&self, password: &SecretString) -> Result<String, PasswordError> {
        hash(&self.0.params, &*self.0.random, password.expose_secret())
    }

    /// Compares with `stored`, or with a dummy at the same cost where there is none.
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<Verdict, PasswordError> {
        let inner = Arc::clone(&self.0);
        self.in_turn(move || inner.verify(password.expose_secret(), stored.as_deref()))
            .await
    }

    async fn in_turn<T, F>(&self, work: F) -> Result<T, PasswordError>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, PasswordError> + Send + 'static,
    {
        let _place = Place::take(&self.0)?;
        let turns = Arc::clone(&self.0.turns);
        let turn = turns.acquire_owned().await.map_err(broken)?;
        let (tell, told) = oneshot::channel();
        thread::Builder::new()
            .name("password".to_owned())
            .spawn(move || {
                give_way();
                let done = work();
                // The turn ends with the work, not with the caller, who may have hung up.
                drop(turn);
                let _ = tell.send(done);
            })
            .map_err(broken)?;
        told.await.map_err(broken)?
    }
}

/// Where priorities cannot be changed, all share alike.
fn give_way() {
    if let Err(error) = rustix::process::nice(NICEST) {
        tracing::debug!(%error, "passwords are hashed at the priority of all else");
    }
}

impl Inner {
    fn verify(&self, password: &str, stored: Option<&str>) -> Result<Verdict, PasswordError> {
        let hash_of = PasswordHash::new(stored.unwrap_or(&self.dummy)).map_err(broken)?;
        let matches = Argon2::default()
            .verify_password(password.as_bytes(), &hash_of)
            .is_ok();
        // The dummy's password is no secret.
        if !matches || stored.is_none() {
            return Ok(Verdict::Wrong);
        }
        if self.is_weaker(&hash_of) {
            return hash(&self.params, &*self.random, password).map(Verdict::RightAndRehashed);
        }
        Ok(Verdict::Right)
    }

    fn is_weaker(&self, stored: &PasswordHash) -> bool {
        Params::try_from(stored).map_or(true, |params| {
            params.m_cost() < self.params.m_cost() || params.t_cost() < self.params.t_cost()
        })
    }
}

/// A place in the queue or at the work itself; given back when dropped.
struct Place<'a>(&'a Inner);

impl<'a> Place<'a> {
    fn take(inner: &'a Inner) -> Result<Self, PasswordError> {
        let before = inner.waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(inner);
        if before < inner.turns_max + QUEUE_CAPACITY {
            Ok(place)
        } else {
            Err(PasswordError::Busy)
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hash(params: &Params, random: &dyn Random, password: &str) -> Result<String, PasswordError> {
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let hash = argon2
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(broken)?;
    Ok(hash.to_string())
}

fn broken(error: impl fmt::Display) -> PasswordError {
    PasswordError::Broken(error.to_string())
}

#[cfg(test)]
mod tests;
