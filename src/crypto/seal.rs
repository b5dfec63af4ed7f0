//! Sealing what must be read again: secrets at rest, and what a browser carries for us.

use std::fmt;

use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::KeyInit;
use chacha20poly1305::Nonce;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::aead::Payload;
use zeroize::Zeroizing;

use crate::domain::random::NoRandomness;
use crate::domain::random::Random;

/// Stands before what is sealed. Random: with less than four thousand million seals under one key
/// two of them never meet.
const NONCE_BYTES: usize = 12;

/// Follows from the installation's secret key (`FormKey::seal_key`).
#[derive(Clone)]
pub struct SealKey(ChaCha20Poly1305);

impl SealKey {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(ChaCha20Poly1305::new(key.into()))
    }

    /// `plain`, readable and unchangeable for nobody else. `purpose` says what it is and whose; it
    /// opens for that purpose only.
    pub fn seal(
        &self,
        random: &dyn Random,
        purpose: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, NoRandomness> {
        let mut nonce = [0; NONCE_BYTES];
        random.fill(&mut nonce)?;
        let payload = Payload {
            msg: plain,
            aad: purpose.as_bytes(),
        };
        // Fails only beyond 256 GiB.
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        let mut all = nonce.to_vec();
        all.extend(sealed.map_err(|_| NoRandomness)?);
        Ok(all)
    }

    /// What was sealed for `purpose`; `None` if it was not sealed by us or not for that.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, msg) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let aad = purpose.as_bytes();
        let payload = Payload { msg, aad };
        let plain = self.0.decrypt(&Nonce::from(*nonce), payload).ok()?;
        Some(Zeroizing::new(plain))
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::OsRandom;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_under_its_key_only() {
        let (key, other) = (SealKey::new(&[1; 32]), SealKey::new(&[2; 32]));
        let sealed = key.seal(&OsRandom, "factor:ada", b"secret").unwrap();
        let opened = key.open("factor:ada", &sealed).unwrap();
        assert_eq!(opened.as_slice(), b"secret");
        assert!(key.open("factor:bob", &sealed).is_none());
        assert!(other.open("factor:ada", &sealed).is_none());
        for place in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[place] ^= 1;
            assert!(key.open("factor:ada", &bent).is_none(), "byte {place}");
        }
        assert!(key.open("factor:ada", &sealed[..11]).is_none());
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
    }

    #[test]
    fn the_same_text_is_never_sealed_the_same_twice() {
        let key = SealKey::new(&[1; 32]);
        let seal = || key.seal(&OsRandom, "x", b"secret").unwrap();
        assert_ne!(seal(), seal());
    }
}
