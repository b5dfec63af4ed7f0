//! The key that a caller sends: `lk_<key id: 12>_<secret: 32><crc: 6>`.
//!
//! 190 random bits. The checksum covers all that stands before it, so that a mistyped or random
//! string is refused without a look-up and a leak scanner can tell a real key.

use std::fmt;

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::domain::api_key;
use crate::domain::api_key::ApiKeyId;
use crate::domain::base62;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::random::NoRandomness;
use crate::domain::random::Random;

const SECRET_LENGTH: usize = 32;
const CRC_LENGTH: usize = 6;
/// What follows the prefix: `_`, the id, `_`, the secret, its checksum.
const TAIL_LENGTH: usize = 1 + ApiKeyId::LENGTH + 1 + SECRET_LENGTH + CRC_LENGTH;

/// A whole key, in memory only between its making and the one answer that shows it.
pub struct PlainKey {
    id: ApiKeyId,
    text: SecretString,
}

impl PlainKey {
    pub fn generate(
        prefix: &KeyPrefix,
        id: ApiKeyId,
        random: &dyn Random,
    ) -> Result<Self, NoRandomness> {
        let secret = base62::random::<SECRET_LENGTH>(random)?;
        let secret = str::from_utf8(&secret).unwrap_or_default();
        let mut text = format!("{}_{id}_{secret}", prefix.as_str());
        let checksum = checksum(text.as_bytes());
        text.push_str(str::from_utf8(&checksum).unwrap_or_default());
        Ok(Self {
            id,
            text: text.into(),
        })
    }

    pub fn id(&self) -> ApiKeyId {
        self.id
    }

    /// For the digest, and for the answer that shows it once.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    pub fn last_four(&self) -> String {
        let text = self.expose();
        text[text.len() - 4..].to_owned()
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlainKey({}, …)", self.id)
    }
}

/// The id in `text`, if `text` has the form and the checksum of a key. Says nothing about whether
/// anybody has it.
pub fn key_id_of(prefix: &KeyPrefix, text: &str) -> Option<ApiKeyId> {
    let tail = text.strip_prefix(prefix.as_str())?;
    if tail.len() != TAIL_LENGTH || !tail.is_ascii() {
        return None;
    }
    let tail = tail.strip_prefix('_')?;
    let (id, tail) = tail.split_at(ApiKeyId::LENGTH);
    let secret = tail.strip_prefix('_')?;
    if !base62::is_base62(secret) {
        return None;
    }
    let (before, crc) = text.split_at(text.len() - CRC_LENGTH);
    if checksum(before.as_bytes()) != crc.as_bytes() {
        return None;
    }
    id.parse().ok()
}

/// The id in whatever within `text` could be a whole key, its checksum right or wrong. For fields
/// where people paste a secret by mistake: better one warning too many.
pub fn secret_within(prefix: &KeyPrefix, text: &str) -> Option<ApiKeyId> {
    let brand = format!("{}_", prefix.as_str());
    text.match_indices(&brand).find_map(|(at, _)| {
        let (id, tail) = text[at + brand.len()..].split_at_checked(ApiKeyId::LENGTH)?;
        let secret = tail.strip_prefix('_')?;
        let letters = secret.bytes().take_while(u8::is_ascii_alphanumeric).count();
        (letters >= SECRET_LENGTH / 2).then(|| id.parse().ok())?
    })
}

/// What may be shown of whatever `secret_within` finds: prefix, id and, of a whole key, the last
/// four letters.
pub fn shown_of(prefix: &KeyPrefix, text: &str) -> Option<String> {
    let id = secret_within(prefix, text)?;
    let before = format!("{}_{id}_", prefix.as_str());
    let (_, secret) = text.split_once(&before)?;
    let letters = secret.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let last_four = (letters == SECRET_LENGTH + CRC_LENGTH)
        .then(|| secret.get(letters - 4..letters))
        .flatten();
    Some(match last_four {
        Some(last_four) => api_key::masked(prefix.as_str(), id, last_four),
        None => format!("{}_{id}", prefix.as_str()),
    })
}

/// How many bytes a key of this installation has.
pub fn length(prefix: &KeyPrefix) -> usize {
    prefix.as_str().len() + TAIL_LENGTH
}

/// How many of them may be shown: the prefix and the id.
pub fn public_length(prefix: &KeyPrefix) -> usize {
    prefix.as_str().len() + 1 + ApiKeyId::LENGTH
}

fn checksum(before: &[u8]) -> [u8; CRC_LENGTH] {
    base62::encode(u64::from(crc32fast::hash(before)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::random::OsRandom;

    fn prefix() -> KeyPrefix {
        KeyPrefix::parse("lk").unwrap()
    }

    fn key() -> PlainKey {
        let id = ApiKeyId::generate(&OsRandom).unwrap();
        PlainKey::generate(&prefix(), id, &OsRandom).unwrap()
    }

    #[test]
    fn a_new_key_tells_its_id() {
        let key = key();
        assert_eq!(key_id_of(&prefix(), key.expose()), Some(key.id()));
        assert_eq!(key.expose().len(), 54);
    }

    #[test]
    fn one_wrong_letter_is_noticed() {
        let key = key();
        for place in 0..key.expose().len() {
            let mut letters = key.expose().as_bytes().to_vec();
            letters[place] = if letters[place] == b'x' { b'y' } else { b'x' };
            let wrong = String::from_utf8(letters).unwrap();
            assert_eq!(key_id_of(&prefix(), &wrong), None, "{place}");
        }
    }

    #[test]
    fn a_secret_is_recognised_within_other_text_and_with_a_typo() {
        let key = key();
        let pasted = format!("Authorization: Bearer {}\n", key.expose());
        assert_eq!(secret_within(&prefix(), &pasted), Some(key.id()));
        let cut = &key.expose()[..key.expose().len() - 8];
        assert_eq!(secret_within(&prefix(), cut), Some(key.id()));
        let shown = format!("lk_{}_••••{}", key.id(), key.last_four());
        assert_eq!(secret_within(&prefix(), &shown), None);
        assert_eq!(secret_within(&prefix(), "lk_ä4fZk0QpL9aBc_"), None);
    }

    #[test]
    fn of_a_recognised_secret_prefix_id_and_last_four_are_shown() {
        let key = key();
        let (id, four) = (key.id(), key.last_four());
        let shown = |text: &str| shown_of(&prefix(), text);
        let pasted = format!("Bearer {}\n", key.expose());
        assert_eq!(shown(&pasted), Some(format!("lk_{id}_••••{four}")));
        // The last letters of a piece are letters of its middle.
        let cut = &key.expose()[..key.expose().len() - 8];
        assert_eq!(shown(cut), Some(format!("lk_{id}")));
        assert_eq!(
            shown(&format!("{}x", key.expose())),
            Some(format!("lk_{id}"))
        );
        assert_eq!(shown("lk_4fZk0QpL9aBc"), None);
    }

    #[test]
    fn a_key_is_not_printed() {
        let key = key();
        assert!(!format!("{key:?}").contains(&key.last_four()));
    }

    #[test]
    fn another_installations_prefix_is_not_ours() {
        let other = KeyPrefix::parse("acme").unwrap();
        assert_eq!(key_id_of(&other, key().expose()), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(lk)?_?.{0,130}") {
            prop_assert_eq!(key_id_of(&prefix(), &text), None);
        }
    }
}
