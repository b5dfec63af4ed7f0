//! Tokens of every kind, right and wrong. The keys here open nothing but tests.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::JsonWebKeyId;
use openidconnect::PrivateSigningKey;
use openidconnect::core::CoreHmacKey;
use openidconnect::core::CoreJwsSigningAlgorithm;
use openidconnect::core::CoreRsaPrivateSigningKey;
use serde_json::Value;
use serde_json::json;

/// The id and text of a private key.
pub type Key = (&'static str, &'static str);

/// The provider's.
pub const OWN: Key = ("own", include_str!("own.pem"));
/// Somebody's.
pub const STRANGE: Key = ("strange", include_str!("strange.pem"));

fn private((id, pem): Key) -> CoreRsaPrivateSigningKey {
    let id = JsonWebKeyId::new(id.to_owned());
    CoreRsaPrivateSigningKey::from_pem(pem, Some(id)).unwrap()
}

/// The public half, as a key set lists it.
pub fn published(key: Key) -> Value {
    let mut value = serde_json::to_value(private(key).as_verification_key()).unwrap();
    value["use"] = json!("sig");
    value
}

/// As an honest provider signs.
pub fn signed(claims: &Value) -> String {
    signed_by(OWN, OWN.0, claims)
}

/// By `key`, whatever id the token names.
pub fn signed_by(key: Key, id: &str, claims: &Value) -> String {
    let head = json!({"alg": "RS256", "typ": "JWT", "kid": id});
    let text = signing_input(&head, claims);
    let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
    let signature = private(key).sign(&algorithm, text.as_bytes()).unwrap();
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// Nobody's word.
pub fn unsigned(claims: &Value) -> String {
    format!("{}.", signing_input(&json!({"alg": "none"}), claims))
}

/// HS256 under `secret`.
pub fn keyed(secret: &[u8], id: Option<&str>, claims: &Value) -> String {
    let mut head = json!({"alg": "HS256", "typ": "JWT"});
    if let Some(id) = id {
        head["kid"] = json!(id);
    }
    let text = signing_input(&head, claims);
    let key = CoreHmacKey::new(secret);
    let algorithm = CoreJwsSigningAlgorithm::HmacSha256;
    let signature = key.sign(&algorithm, text.as_bytes()).unwrap();
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// The public key's bytes as a forger would take them for a secret.
pub fn public_modulus(key: Key) -> Vec<u8> {
    let published = published(key);
    let modulus = published["n"].as_str().unwrap().to_owned();
    BASE64_URL_SAFE_NO_PAD.decode(modulus).unwrap()
}

fn signing_input(head: &Value, claims: &Value) -> String {
    [head, claims]
        .map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".")
}
