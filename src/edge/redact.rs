//! Keys where none should be: found, and cut out before anything is written down.

use std::borrow::Cow;

use crate::crypto::key_secret;
use crate::domain::key_prefix::KeyPrefix;

/// Where a sound key of this installation stands in `text`.
pub fn find(prefix: &KeyPrefix, text: &str) -> Option<(usize, usize)> {
    let length = key_secret::length(prefix);
    if text.len() < length {
        return None;
    }
    text.match_indices('_').find_map(|(underscore, _)| {
        let start = underscore.checked_sub(prefix.as_str().len())?;
        let candidate = text.get(start..start + length)?;
        key_secret::key_id_of(prefix, candidate).map(|_| (start, start + length))
    })
}

/// `text` with the secret part of every key in it gone; the key's id stays, it is public.
pub fn keys<'a>(prefix: &KeyPrefix, text: &'a str) -> Cow<'a, str> {
    let mut clean: Cow<'a, str> = Cow::Borrowed(text);
    while let Some((start, end)) = find(prefix, &clean) {
        let shown = key_secret::public_length(prefix);
        let mut without = clean[..start + shown].to_owned();
        without.push('…');
        without.push_str(&clean[end..]);
        clean = Cow::Owned(without);
    }
    clean
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::key_secret::PlainKey;
    use crate::domain::api_key::ApiKeyId;
    use crate::domain::random::OsRandom;

    fn key() -> PlainKey {
        let id = ApiKeyId::generate(&OsRandom).unwrap();
        PlainKey::generate(&KeyPrefix::default(), id, &OsRandom).unwrap()
    }

    #[test]
    fn a_key_in_a_text_loses_its_secret_and_keeps_its_id() {
        let key = key();
        let text = format!("/lk_/{}/x/{}", key.expose(), key.expose());
        let clean = keys(&KeyPrefix::default(), &text);
        assert_eq!(clean, format!("/lk_/lk_{0}…/x/lk_{0}…", key.id()));
    }

    #[test]
    fn other_text_is_left_alone() {
        let text = "/v1/lk_documents/ä";
        assert!(matches!(keys(&KeyPrefix::default(), text), Cow::Borrowed(same) if same == text));
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_key(before in ".{0,20}", after in ".{0,20}") {
            let key = key();
            let text = format!("{before}{}{after}", key.expose());
            let clean = keys(&KeyPrefix::default(), &text).into_owned();
            prop_assert!(find(&KeyPrefix::default(), &clean).is_none());
            prop_assert!(!clean.contains(key.expose()));
        }
    }
}
