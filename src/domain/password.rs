//! Which passwords are good enough. What they are hashed with is `crypto::password`'s matter.

use unicode_normalization::UnicodeNormalization;

/// It is the only factor, so NIST asks for fifteen.
pub const PASSWORD_LENGTH_MIN: usize = 15;
pub const PASSWORD_LENGTH_MAX: usize = 1_000;

/// Fewer different characters than this are a pattern.
const DIFFERENT_MIN: usize = 5;

/// Long ones that people choose because short ones are refused.
const COMMON: &str = include_str!("common_passwords.txt");

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("Fill this in.")]
    Empty,
    #[error("Use at least {PASSWORD_LENGTH_MIN} characters; this has {0}. A few words do well.")]
    TooShort(usize),
    #[error("Use at most {PASSWORD_LENGTH_MAX} characters.")]
    TooLong,
    #[error("This password is easy to guess. Choose another; a few words do well.")]
    Common,
}

/// The same password however the keyboard composes it.
pub fn normalised(input: &str) -> String {
    input.nfc().collect()
}

/// A new password, normalised. `about` is what everybody knows: name, address, company.
pub fn parse_new(input: &str, about: &[&str]) -> Result<String, PasswordFault> {
    if input.is_empty() {
        return Err(PasswordFault::Empty);
    }
    let password: String = input.nfc().take(PASSWORD_LENGTH_MAX + 1).collect();
    let length = password.chars().count();
    if length > PASSWORD_LENGTH_MAX {
        return Err(PasswordFault::TooLong);
    }
    if length < PASSWORD_LENGTH_MIN {
        return Err(PasswordFault::TooShort(length));
    }
    let folded = password.to_lowercase();
    let is_known = about
        .iter()
        .any(|known| !known.is_empty() && folded.trim() == known.to_lowercase());
    if is_known || is_common(&folded) || is_pattern(&folded) {
        return Err(PasswordFault::Common);
    }
    Ok(password)
}

/// In the list, whatever digits and signs stand around the words.
fn is_common(folded: &str) -> bool {
    let bare = folded.trim_matches(|letter: char| !letter.is_alphabetic());
    COMMON
        .lines()
        .any(|known| known == folded || (!bare.is_empty() && known == bare))
}

/// One short piece over and over, hardly any different characters, or one after the other.
fn is_pattern(folded: &str) -> bool {
    let letters: Vec<char> = folded.chars().collect();
    let mut different = letters.clone();
    different.sort_unstable();
    different.dedup();
    let repeats = (1..=letters.len() / 2).any(|period| {
        letters
            .iter()
            .zip(letters.iter().skip(period))
            .all(|(one, other)| one == other)
    });
    let neighbours = letters
        .windows(2)
        .filter(|pair| (i64::from(u32::from(pair[0])) - i64::from(u32::from(pair[1]))).abs() <= 1)
        .count();
    different.len() < DIFFERENT_MIN || repeats || neighbours * 10 >= letters.len() * 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_words_are_good_enough() {
        for good in [
            "correct horse battery stable",
            "ein Pferd trägt 4 Hüte",
            "Tr0ub4dor&3-and-more",
            "                x y z w",
        ] {
            assert!(parse_new(good, &["ada@acme.example"]).is_ok(), "{good}");
        }
    }

    #[test]
    fn length_is_counted_in_characters_and_told() {
        assert_eq!(parse_new("", &[]), Err(PasswordFault::Empty));
        assert_eq!(parse_new("äöüäöü", &[]), Err(PasswordFault::TooShort(6)));
        assert_eq!(
            parse_new(&"ab1x?".repeat(2_000), &[]),
            Err(PasswordFault::TooLong)
        );
    }

    #[test]
    fn what_everybody_tries_is_refused() {
        for bad in [
            "aaaaaaaaaaaaaaa",
            "passwordpassword",
            "PasswordPassword1!",
            "123456789012345",
            "abcdefghijklmnop",
            "hunter2hunter2hunter2",
            "qwertyuiopasdfghjkl",
            "Ada@Acme.example",
        ] {
            assert_eq!(
                parse_new(bad, &["ada@acme.example"]),
                Err(PasswordFault::Common),
                "{bad}"
            );
        }
    }

    #[test]
    fn two_spellings_of_a_letter_are_one_password() {
        assert_eq!(normalised("a\u{308}"), normalised("ä"));
    }
}
