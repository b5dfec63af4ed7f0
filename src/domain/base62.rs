//! `0-9A-Za-z`: what ids and secrets are written in, so that a double click selects them whole.

use crate::domain::random::NoRandomness;
use crate::domain::random::Random;

pub const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The largest multiple of 62 that fits a byte: bytes from here on are drawn again, so that every
/// letter is equally likely.
const UNBIASED: u8 = 248;

pub fn is_base62(text: &str) -> bool {
    // Without an early end, many bytes are looked at at once.
    text.bytes()
        .fold(true, |all, byte| all & byte.is_ascii_alphanumeric())
}

/// `N` random letters.
pub fn random<const N: usize>(random: &dyn Random) -> Result<[u8; N], NoRandomness> {
    let mut letters = [0; N];
    let mut filled = 0;
    let mut pool = [0; 64];
    while filled < N {
        let missing = N - filled;
        // A few more than are missing, because some are drawn again.
        let drawn = (missing + missing / 8 + 4).min(pool.len());
        random.fill(&mut pool[..drawn])?;
        for byte in pool[..drawn]
            .iter()
            .filter(|byte| **byte < UNBIASED)
            .take(N - filled)
        {
            letters[filled] = ALPHABET[usize::from(byte % 62)];
            filled += 1;
        }
    }
    Ok(letters)
}

/// `number` in exactly `N` letters, most significant first; its low part if it needs more.
pub fn encode<const N: usize>(mut number: u64) -> [u8; N] {
    let mut letters = [ALPHABET[0]; N];
    for letter in letters.iter_mut().rev() {
        let digit = usize::try_from(number % 62).unwrap_or_default();
        *letter = ALPHABET[digit];
        number /= 62;
    }
    letters
}

/// The number that `letters` stand for; `None` for a foreign letter or one too many.
pub fn decode(letters: &[u8]) -> Option<u64> {
    letters.iter().try_fold(0_u64, |number, letter| {
        number.checked_mul(62)?.checked_add(digit(*letter)?)
    })
}

/// The place of `letter` in the alphabet.
fn digit(letter: u8) -> Option<u64> {
    let digit = match letter {
        b'0'..=b'9' => letter - b'0',
        b'A'..=b'Z' => letter - b'A' + 10,
        b'a'..=b'z' => letter - b'a' + 36,
        _ => return None,
    };
    Some(u64::from(digit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::OsRandom;

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        for number in [0, 61, 62, 1_763_712_000_000, 62_u64.pow(8) - 1] {
            assert_eq!(decode(&encode::<8>(number)), Some(number));
        }
    }

    #[test]
    fn a_letters_digit_is_its_place_in_the_alphabet() {
        for (place, letter) in (0..).zip(ALPHABET) {
            assert_eq!(decode(&[*letter]), Some(place));
        }
        assert_eq!(decode(b"_"), None);
    }

    #[test]
    fn random_letters_are_all_base62() {
        let letters = random::<500>(&OsRandom).unwrap();
        assert!(letters.iter().all(|letter| ALPHABET.contains(letter)));
    }
}
