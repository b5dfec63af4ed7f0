//! Keyed digests: what the database keeps instead of a secret.

use std::fmt;

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Digests made with the present pepper carry this number.
pub const PEPPER_VERSION: i16 = 1;

/// HMAC-SHA-256 of a secret under the pepper. Useless without the pepper, so a stolen dump opens
/// nothing and a planted row matches nothing.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes the same time wherever the two differ.
    pub fn matches(&self, other: &Self) -> bool {
        self.words().ct_eq(&other.words()).into()
    }

    /// Compared eight bytes at a time.
    fn words(&self) -> [u64; 4] {
        let (words, _) = self.0.as_chunks();
        std::array::from_fn(|place| words.get(place).map_or(0, |word| u64::from_ne_bytes(*word)))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// The secret that digests are keyed with. It lives outside the database.
#[derive(Clone)]
pub struct Pepper(Hmac<Sha256>);

/// The pepper must have at least this many bytes.
pub const PEPPER_LENGTH_MIN: usize = 32;

#[derive(Debug, thiserror::Error)]
#[error("the pepper must have at least {PEPPER_LENGTH_MIN} bytes")]
pub struct PepperTooShort;

impl Pepper {
    pub fn new(secret: &[u8]) -> Result<Self, PepperTooShort> {
        if secret.len() < PEPPER_LENGTH_MIN {
            return Err(PepperTooShort);
        }
        Hmac::new_from_slice(secret)
            .map(Self)
            .map_err(|_| PepperTooShort)
    }

    pub fn digest(&self, secret: &str) -> Digest {
        let mut mac = self.0.clone();
        mac.update(secret.as_bytes());
        Digest(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_depends_on_secret_and_pepper() {
        let pepper = Pepper::new(&[1; 32]).unwrap();
        let other = Pepper::new(&[2; 32]).unwrap();
        assert!(pepper.digest("a").matches(&pepper.digest("a")));
        assert!(!pepper.digest("a").matches(&pepper.digest("b")));
        assert!(!pepper.digest("a").matches(&other.digest("a")));
    }

    #[test]
    fn nothing_of_it_is_printed() {
        let pepper = Pepper::new(&[1; 32]).unwrap();
        assert_eq!(
            format!("{:?} {:?}", pepper, pepper.digest("a")),
            "Pepper(…) Digest(…)"
        );
    }
}
