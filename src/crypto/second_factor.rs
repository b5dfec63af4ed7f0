//! Codes of an authenticator app (TOTP, RFC 6238), and the codes for who has lost it.

use std::fmt;

use chrono::DateTime;
use chrono::Utc;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use totp_rs::Builder;
use totp_rs::Secret;
use totp_rs::Totp;
use zeroize::Zeroizing;

use crate::crypto::digest::Digest;
use crate::crypto::digest::Pepper;
use crate::domain::person::UserId;
use crate::domain::random::NoRandomness;
use crate::domain::random::Random;

/// As RFC 4226 asks, and as every app can.
const SECRET_BYTES: usize = 20;
const STEP_SECONDS: u64 = 30;
const DIGITS: u8 = 6;
/// A phone's clock may be one step off.
const SKEW_STEPS: u16 = 1;
/// The name that the app shows.
const ISSUER: &str = "Latchkey";

/// How many are made at once.
pub const RECOVERY_CODES: usize = 10;
/// Without letters and digits that look alike.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// 60 bits: more than can be tried at five attempts in a quarter of an hour.
const RECOVERY_CODE_LETTERS: usize = 12;

/// What the app and we know. It cannot be printed.
pub struct FactorSecret(Zeroizing<[u8; SECRET_BYTES]>);

impl fmt::Debug for FactorSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FactorSecret(…)")
    }
}

impl FactorSecret {
    pub fn generate(random: &dyn Random) -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
        random.fill(&mut *bytes)?;
        Ok(Self(bytes))
    }

    /// As `bytes` gave it; `None` if it is of another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes
            .try_into()
            .ok()
            .map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// To be sealed.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// To be typed into an app: base32 in groups of four.
    pub fn typed(&self) -> SecretString {
        let text = Zeroizing::new(Secret::from(*self.0).to_base32());
        let letters: Vec<char> = text.chars().collect();
        let groups: Vec<String> = letters
            .chunks(4)
            .map(|four| four.iter().collect())
            .collect();
        groups.join(" ").into()
    }

    /// To be scanned: the address that apps know, with the name under which they show the codes.
    pub fn url(&self, email: &str) -> SecretString {
        let label =
            percent_encoding::utf8_percent_encode(email, percent_encoding::NON_ALPHANUMERIC);
        let secret = Zeroizing::new(Secret::from(*self.0).to_base32());
        let secret = secret.as_str();
        format!("otpauth://totp/{ISSUER}:{label}?secret={secret}&issuer={ISSUER}").into()
    }

    /// The time step of this code, if it is one of those that may be shown now.
    pub fn step_of(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let code: String = code
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .collect();
        let seconds = u64::try_from(now.timestamp()).ok()?;
        let step = self.totp()?.check(&code, seconds)?;
        i64::try_from(step).ok()
    }

    fn totp(&self) -> Option<Totp> {
        Builder::new()
            .with_secret(Secret::from(*self.0))
            .with_digits(DIGITS)
            .with_skew(SKEW_STEPS)
            .with_step_duration(STEP_SECONDS)
            .build()
            .ok()
    }
}

/// Ten new codes, as they are shown once: `abcd-efgh-jkmn`.
pub fn recovery_codes(random: &dyn Random) -> Result<Vec<SecretString>, NoRandomness> {
    let code = |_| {
        let mut bytes = Zeroizing::new([0; RECOVERY_CODE_LETTERS]);
        random.fill(&mut *bytes)?;
        let letters: Vec<char> = bytes
            .iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
            .map(|letter| char::from(*letter))
            .collect();
        let groups: Vec<String> = letters
            .chunks(4)
            .map(|four| four.iter().collect())
            .collect();
        Ok(SecretString::from(groups.join("-")))
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// What the database keeps of a recovery code; the same for every way to type it.
pub fn recovery_digest(pepper: &Pepper, user: UserId, code: &str) -> Digest {
    let letters: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let letters = SecretString::from(letters);
    pepper.digest(&format!("recovery code:{user}:{}", letters.expose_secret()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::OsRandom;

    /// The secret of RFC 6238, appendix B.
    fn known() -> FactorSecret {
        FactorSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(known().step_of(code, at(seconds)), Some(seconds / 30));
        }
        assert_eq!(
            known().step_of("081 804", at(1_111_111_109)),
            Some(37_037_036)
        );
    }

    #[test]
    fn one_step_off_is_taken_and_two_are_not() {
        let code = "287082";
        for (seconds, step) in [(30, 1), (89, 1), (0, 1), (90, 0), (119, 0)] {
            let expected = (step == 1).then_some(1);
            assert_eq!(known().step_of(code, at(seconds)), expected, "{seconds}");
        }
        for bad in ["", "28708", "2870822", "28708a", "+28708"] {
            assert_eq!(known().step_of(bad, at(59)), None, "{bad}");
        }
    }

    #[test]
    fn a_secret_is_shown_in_groups_and_never_printed() {
        let secret = known();
        assert_eq!(
            secret.typed().expose_secret(),
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
        );
        assert_eq!(
            secret.url("a&b@c.example").expose_secret(),
            "otpauth://totp/Latchkey:a%26b%40c%2Eexample\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Latchkey"
        );
        assert_eq!(format!("{secret:?}"), "FactorSecret(…)");
    }

    #[test]
    fn recovery_codes_are_many_and_each_way_to_type_one_is_the_same() {
        let codes = recovery_codes(&OsRandom).unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let pepper = Pepper::new(&[7; 32]).unwrap();
        let (ada, bob) = (UserId::from_u128(1), UserId::from_u128(2));
        let code = codes[0].expose_secret();
        assert_eq!(code.len(), 14);
        let digest = recovery_digest(&pepper, ada, code);
        let spaced = code.replace('-', " ").to_uppercase();
        assert!(digest.matches(&recovery_digest(&pepper, ada, &spaced)));
        assert!(!digest.matches(&recovery_digest(&pepper, bob, code)));
        assert!(!digest.matches(&recovery_digest(&pepper, ada, codes[1].expose_secret())));
    }
}
