//! The brand part of a key.

/// The brand part of every key of an installation: 2 to 10 lower-case letters or digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPrefix(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key prefix is 2 to 10 lower-case letters or digits")]
pub struct NoKeyPrefix;

impl Default for KeyPrefix {
    fn default() -> Self {
        Self("lk".to_owned())
    }
}

impl std::str::FromStr for KeyPrefix {
    type Err = NoKeyPrefix;

    fn from_str(text: &str) -> Result<Self, NoKeyPrefix> {
        Self::parse(text)
    }
}

impl KeyPrefix {
    pub fn parse(text: &str) -> Result<Self, NoKeyPrefix> {
        let letters = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if letters && (2..=10).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NoKeyPrefix)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A brand beside this one, for credentials that are no keys.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        Self(format!("{}{suffix}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_short_and_plain() {
        assert!(KeyPrefix::parse("lk").is_ok());
        for bad in ["l", "LK", "l_k", "abcdefghijk", ""] {
            assert_eq!(KeyPrefix::parse(bad), Err(NoKeyPrefix), "{bad}");
        }
    }
}
