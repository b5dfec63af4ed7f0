//! People.

use std::fmt;
use std::str::FromStr;

use crate::domain::text;

pub type UserId = uuid::Uuid;

pub const PERSON_NAME_LENGTH_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmailFault {
    #[error("Fill this in.")]
    Empty,
    #[error("Enter an e-mail address, like name@company.com.")]
    Format,
}

/// An e-mail address as typed, and folded so that other spellings of it are the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    shown: String,
    folded: String,
}

impl Email {
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl FromStr for Email {
    type Err = EmailFault;

    fn from_str(input: &str) -> Result<Self, EmailFault> {
        let shown = input.trim();
        if shown.is_empty() {
            return Err(EmailFault::Empty);
        }
        if shown.chars().any(char::is_control) || !email_address::EmailAddress::is_valid(shown) {
            return Err(EmailFault::Format);
        }
        Ok(Self {
            shown: shown.to_owned(),
            folded: text::folded(shown),
        })
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one_person() {
        let one: Email = " Alice@Acme.example ".parse().unwrap();
        let other: Email = "alice@acme.EXAMPLE".parse().unwrap();
        assert_eq!(one.folded(), other.folded());
        assert_eq!(one.as_str(), "Alice@Acme.example");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in ["alice", "a@", "a\0@b.c", "a b@c.d"] {
            assert_eq!(bad.parse::<Email>(), Err(EmailFault::Format), "{bad}");
        }
    }
}
