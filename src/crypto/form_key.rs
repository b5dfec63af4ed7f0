//! Signs the forms of people who have no session yet, and keys their cookies.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use sha2::Sha256;

use crate::crypto::seal::SealKey;

/// Made from the installation's secret key.
#[derive(Clone)]
pub struct FormKey(Hmac<Sha256>);

/// The secret key cannot key anything.
#[derive(Debug, thiserror::Error)]
#[error("the secret key cannot be used")]
pub struct BadSecretKey;

impl FormKey {
    pub fn new(secret: &SecretString) -> Result<Self, BadSecretKey> {
        Hmac::new_from_slice(secret.expose_secret().as_bytes())
            .map(Self)
            .map_err(|_| BadSecretKey)
    }

    /// The token that belongs to the nonce in the visitor's cookie.
    pub fn token_for(&self, nonce: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.mac("visitor form", nonce.as_bytes()))
    }

    /// What comes back in a provider's token for the sign-in with this state.
    pub fn sign_in_nonce(&self, state: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.mac("sign-in nonce", state.as_bytes()))
    }

    /// What proves to a provider that the sign-in with this state began here (PKCE).
    pub fn sign_in_verifier(&self, state: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.mac("sign-in verifier", state.as_bytes()))
    }

    /// What is read again by us alone is sealed under this.
    pub fn seal_key(&self) -> SealKey {
        SealKey::new(&self.mac("seal", b"1"))
    }

    /// 64 bytes that key the session cookie.
    pub fn cookie_key(&self) -> [u8; 64] {
        let mut key = [0; 64];
        key[..32].copy_from_slice(&self.mac("cookie", b"1"));
        key[32..].copy_from_slice(&self.mac("cookie", b"2"));
        key
    }

    /// `purpose` holds no colon, so that no two uses can meet.
    fn mac(&self, purpose: &str, text: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        mac.update(b":");
        mac.update(text);
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for FormKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormKey(…)")
    }
}
