//! Tokens for sessions, links and forms: random, and stored as a SHA-256.
//!
//! A plain digest is enough here: 256 random bits cannot be guessed.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use sha2::Digest as _;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::domain::random::NoRandomness;
use crate::domain::random::Random;

const TOKEN_BYTES: usize = 32;

/// A new token: 43 letters that need no escaping in a URL.
pub fn generate(random: &dyn Random) -> Result<SecretString, NoRandomness> {
    let mut bytes = [0; TOKEN_BYTES];
    random.fill(&mut bytes)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes).into())
}

/// What the database keeps of a token.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// As `digest`, of a token that is still secret to us.
pub fn digest_of(token: &SecretString) -> [u8; 32] {
    digest(token.expose_secret())
}

/// Whether two tokens are the same; takes the same time wherever they differ.
pub fn matches(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
