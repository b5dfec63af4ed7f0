//! Accounts and their workspaces.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::Serialize;

/// The account's row. Small, because every log row carries it; never shown outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountId(pub i32);

/// The workspace's row. Small, because every log row carries it; never shown outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WorkspaceId(pub i32);

/// Longest domain or slug, as one DNS label.
const LABEL_LENGTH_MAX: usize = 63;

pub const ACCOUNT_NAME_LENGTH_MAX: usize = 200;
pub const WORKSPACE_NAME_LENGTH_MAX: usize = 200;
const CUSTOMER_ID_LENGTH_MAX: usize = 64;

/// At `/sign-in/staff` the people of the installation sign in who belong to no account.
pub const STAFF_DOMAIN: &str = "staff";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelFault {
    #[error("Fill this in.")]
    Empty,
    #[error("Use 1 to 63 lower-case letters, digits or hyphens, with no hyphen at either end.")]
    Format,
    #[error("“{0}” is reserved. Choose another.")]
    Reserved(&'static str),
}

/// What a company types at sign-in: `acme`. One lower-case DNS label.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountDomain(String);

impl AccountDomain {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountDomain {
    type Err = LabelFault;

    /// Case and surrounding space are forgiven.
    fn from_str(input: &str) -> Result<Self, LabelFault> {
        let label = parse_label(input)?;
        if label == STAFF_DOMAIN {
            return Err(LabelFault::Reserved(STAFF_DOMAIN));
        }
        Ok(Self(label))
    }
}

impl fmt::Display for AccountDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Use 1 to 64 letters, digits or signs without spaces: callers send it in a header.")]
pub struct CustomerIdFault;

/// What the operator's own systems call a customer, as callers may send it in `customer-id`.
pub fn parse_customer_id(input: &str) -> Result<String, CustomerIdFault> {
    let id = input.trim();
    let fits = (1..=CUSTOMER_ID_LENGTH_MAX).contains(&id.len());
    if fits && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(id.to_owned())
    } else {
        Err(CustomerIdFault)
    }
}

/// One lower-case DNS label: a domain or a workspace's slug.
pub fn parse_label(input: &str) -> Result<String, LabelFault> {
    let label = input.trim().to_ascii_lowercase();
    if label.is_empty() {
        return Err(LabelFault::Empty);
    }
    let letters = label
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !letters || label.len() > LABEL_LENGTH_MAX || label.starts_with('-') || label.ends_with('-')
    {
        return Err(LabelFault::Format);
    }
    Ok(label)
}

/// A slug for `name`: its letters and digits, hyphens between; "workspace" if none is left.
pub fn slug_for(name: &str) -> String {
    let words: Vec<String> = name
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let slug: String = words.join("-").chars().take(LABEL_LENGTH_MAX).collect();
    let slug = slug.trim_matches('-');
    if slug.is_empty() {
        "workspace".to_owned()
    } else {
        slug.to_owned()
    }
}

/// The slug with a number behind it, for when it is taken: `staging-2`.
pub fn numbered_slug(slug: &str, number: u32) -> String {
    let end = format!("-{number}");
    let room = LABEL_LENGTH_MAX - end.len();
    let start: String = slug.chars().take(room).collect();
    format!("{}{end}", start.trim_end_matches('-'))
}

/// In what form an account's callers are told of refusals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ErrorProfile {
    /// `{"error": "…"}`, quotas as 401.
    #[default]
    Documented,
    /// RFC 9457 problem JSON, quotas as 429, `RateLimit` headers.
    Standard,
}

impl ErrorProfile {
    pub const ALL: [Self; 2] = [Self::Documented, Self::Standard];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Standard => "standard",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == text)
    }
}

/// The header, or the scheme in it, in which a key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// `Authorization: Bearer`
    Bearer,
    /// `Authorization: ApiKey`
    ApiKey,
    /// `x-api-key`
    XApiKey,
}

impl CredentialKind {
    pub const ALL: [Self; 3] = [Self::Bearer, Self::ApiKey, Self::XApiKey];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::ApiKey => "api-key",
            Self::XApiKey => "x-api-key",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_lower_cased_and_trimmed() {
        assert_eq!(" Acme ".parse::<AccountDomain>().unwrap().as_str(), "acme");
    }

    #[test]
    fn what_is_no_dns_label_is_refused() {
        for bad in ["acme.com", "-a", "a-", "ä", "a b", "a\0b", &"a".repeat(64)] {
            assert_eq!(
                bad.parse::<AccountDomain>(),
                Err(LabelFault::Format),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_customer_id_fits_into_a_header() {
        assert_eq!(parse_customer_id(" C-1001/eu ").as_deref(), Ok("C-1001/eu"));
        for bad in ["", " ", "a b", "ä", "a\nb", &"a".repeat(65)] {
            assert_eq!(parse_customer_id(bad), Err(CustomerIdFault), "{bad}");
        }
    }

    #[test]
    fn the_staff_domain_is_nobodys() {
        assert!(matches!(
            "staff".parse::<AccountDomain>(),
            Err(LabelFault::Reserved(_))
        ));
    }

    #[test]
    fn a_slug_is_made_of_any_name() {
        assert_eq!(slug_for("Acme — Staging #2"), "acme-staging-2");
        assert_eq!(slug_for("日本"), "workspace");
        assert_eq!(numbered_slug("staging", 2), "staging-2");
        assert_eq!(numbered_slug(&"a".repeat(63), 10).len(), 63);
    }
}
