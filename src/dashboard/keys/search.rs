//! What somebody typed to find a key.

use crate::db::api_keys::KeySearch;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::text;

/// Longer searches are cut: no name is longer.
const SEARCH_LENGTH_MAX: usize = 200;

const LAST_FOUR_LENGTH: usize = 4;

/// The text without what no name can hold, at a length that a name can have.
pub fn cleaned(typed: &str) -> String {
    let text: String = typed
        .chars()
        .filter(|letter| !letter.is_control())
        .take(SEARCH_LENGTH_MAX)
        .collect();
    text.trim().to_owned()
}

/// Looks for a part of a name, a key id (alone, with the brand, or as a list shows it), and the
/// last four letters. `None` for nothing typed.
pub fn parse(prefix: &KeyPrefix, cleaned: &str) -> Option<KeySearch> {
    if cleaned.is_empty() {
        return None;
    }
    let masked = cleaned
        .strip_prefix(prefix.as_str())
        .and_then(|rest| rest.strip_prefix('_'))
        .unwrap_or(cleaned);
    let (id, _) = masked.split_once('_').unwrap_or((masked, ""));
    let is_four = cleaned.len() == LAST_FOUR_LENGTH
        && cleaned.bytes().all(|letter| letter.is_ascii_alphanumeric());
    Some(KeySearch {
        folded: text::folded(cleaned),
        id: id.parse().ok(),
        last_four: is_four.then(|| cleaned.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(typed: &str) -> KeySearch {
        parse(&KeyPrefix::default(), &cleaned(typed)).unwrap_or_default()
    }

    #[test]
    fn an_id_is_found_alone_branded_and_masked() {
        for typed in [
            "4fZk0QpL9aBc",
            " lk_4fZk0QpL9aBc",
            "lk_4fZk0QpL9aBc_••••c91d",
        ] {
            assert_eq!(parsed(typed).id, "4fZk0QpL9aBc".parse().ok(), "{typed}");
        }
        assert_eq!(parsed("blog ingest").id, None);
    }

    #[test]
    fn four_letters_may_be_a_keys_last() {
        assert_eq!(parsed("c91d").last_four.as_deref(), Some("c91d"));
        assert_eq!(parsed("c91").last_four, None);
        assert_eq!(parsed("ÄÖ").last_four, None);
    }

    #[test]
    fn names_are_looked_for_in_any_case_and_without_control_characters() {
        assert_eq!(parsed("BLOG\0 Ingest ").folded, "blog ingest");
        assert_eq!(parse(&KeyPrefix::default(), ""), None);
        assert_eq!(cleaned(&"x".repeat(10_000)).len(), SEARCH_LENGTH_MAX);
    }
}
