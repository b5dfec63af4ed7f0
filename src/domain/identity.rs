//! Who somebody is at a provider of sign-ins.

/// Other companies whose sign-in people may use here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    Google,
    Microsoft,
}

impl Provider {
    pub const ALL: [Self; 2] = [Self::Google, Self::Microsoft];

    /// As addresses and the database have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
        }
    }

    /// As people know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Microsoft => "Microsoft",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.as_str() == text)
    }
}

/// Longer ones are no issuer's.
pub const ISSUER_LENGTH_MAX: usize = 300;
/// As OpenID Connect has it.
pub const SUBJECT_LENGTH_MAX: usize = 255;
const EMAIL_LENGTH_MAX: usize = 254;

/// A person at one issuer. `issuer` and `subject` together are the identity; the rest may change
/// there at any time, and may be claimed by somebody else tomorrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub provider: Provider,
    pub issuer: String,
    pub subject: String,
    /// What the provider calls the person, to be shown and for nothing else.
    pub email: Option<String>,
}

impl Identity {
    /// `None` if the issuer or the subject is none that we keep.
    pub fn new(
        provider: Provider,
        (issuer, subject): (&str, &str),
        email: Option<&str>,
    ) -> Option<Self> {
        let fits = |text: &str, length_max: usize| {
            !text.is_empty() && text.len() <= length_max && !text.chars().any(char::is_control)
        };
        if !fits(issuer, ISSUER_LENGTH_MAX) || !fits(subject, SUBJECT_LENGTH_MAX) {
            return None;
        }
        Some(Self {
            provider,
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            email: email
                .filter(|email| fits(email, EMAIL_LENGTH_MAX))
                .map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_needs_an_issuer_and_a_subject_that_can_be_kept() {
        let of = |issuer: &str, subject: &str| {
            Identity::new(Provider::Google, (issuer, subject), Some("a@b.example"))
        };
        assert!(of("https://issuer.example", "1").is_some());
        assert!(of("", "1").is_none());
        assert!(of("https://issuer.example", "").is_none());
        assert!(of("https://issuer.example", "a\0b").is_none());
        assert!(of("https://issuer.example", &"1".repeat(256)).is_none());
    }

    #[test]
    fn an_address_that_cannot_be_shown_is_dropped() {
        let long = "a".repeat(300);
        for email in ["", "a\nb@c.example", long.as_str()] {
            let one = Identity::new(Provider::Google, ("https://i.example", "1"), Some(email));
            assert_eq!(one.unwrap().email, None);
        }
    }
}
