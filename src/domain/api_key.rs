//! The facts of an API key that people and programs see.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::base62;
use crate::domain::grant::Grant;
use crate::domain::grant::Permissions;
use crate::domain::key_state::KeyTimes;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;
use crate::domain::person::UserId;
use crate::domain::random::NoRandomness;
use crate::domain::random::Random;
use crate::domain::role::WorkspaceRole;
use crate::domain::text;
use crate::domain::text::TextFault;

pub const KEY_NAME_LENGTH_MAX: usize = 200;
pub const CATEGORY_LENGTH_MAX: usize = 50;
pub const NOTE_LENGTH_MAX: usize = 2_000;

/// The categories offered; any other text is one too. A category changes nothing that a key may do.
pub const CATEGORIES: [&str; 3] = ["production", "staging", "development"];

const ID_LENGTH: usize = 12;

/// The public name of a key: 12 base62 letters, part of the secret, in URLs and logs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiKeyId([u8; ID_LENGTH]);

impl ApiKeyId {
    pub const LENGTH: usize = ID_LENGTH;

    pub fn generate(random: &dyn Random) -> Result<Self, NoRandomness> {
        base62::random(random).map(Self)
    }

    pub fn as_str(&self) -> &str {
        // Only base62 letters get in.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// ASCII letters, for who copies them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The text is not 12 base62 letters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key id is 12 letters or digits")]
pub struct NoApiKeyId;

impl FromStr for ApiKeyId {
    type Err = NoApiKeyId;

    fn from_str(text: &str) -> Result<Self, NoApiKeyId> {
        let letters = text.as_bytes().try_into().map_err(|_| NoApiKeyId)?;
        if base62::is_base62(text) {
            Ok(Self(letters))
        } else {
            Err(NoApiKeyId)
        }
    }
}

impl fmt::Display for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key's name: one line, 1 to 200 characters, unique in its account among keys not revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Equal for names that count as the same.
    pub fn folded(&self) -> String {
        text::folded(&self.0)
    }
}

impl FromStr for KeyName {
    type Err = TextFault;

    fn from_str(input: &str) -> Result<Self, TextFault> {
        text::line(input, KEY_NAME_LENGTH_MAX).map(Self)
    }
}

/// A key as its own page shows it.
#[derive(Debug, Clone)]
pub struct ApiKey {
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub id: ApiKeyId,
    pub name: String,
    pub category: String,
    pub note: String,
    /// The label of its preset, of `custom` or of `inherit`.
    pub scope: String,
    pub grant: Grant,
    /// What its preset names, in the version of the key; empty for `custom` and `inherit`.
    pub granted: Permissions,
    pub limits: KeyLimits,
    pub network: Network,
    /// Whose it is: at first, who made it. `None` for a service key.
    pub owner: Option<KeyOwner>,
    pub created_by: UserId,
    pub creator_name: String,
    pub creator_email: String,
    pub created_at: DateTime<Utc>,
    pub times: KeyTimes,
    pub revoked_by: Option<String>,
    pub revoked_reason: Option<String>,
    pub first_used_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_used_ip: Option<IpAddr>,
    /// The permissions it used in the last 30 days, where all of them are known and they are few;
    /// else empty.
    pub few_permissions: Vec<String>,
    pub version: i32,
    /// The catalogue's when the key was read: what the key could be given is found by it.
    pub offer_version: Option<i32>,
    /// By generation, oldest first; the last one is current.
    pub secrets: Vec<KeySecret>,
}

/// The person whose key it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOwner {
    pub id: UserId,
    pub name: String,
    pub email: String,
    /// Theirs in the key's workspace now; `None` for who has left.
    pub role: Option<WorkspaceRole>,
}

/// What is told of one of a key's secrets.
#[derive(Debug, Clone)]
pub struct KeySecret {
    pub generation: i16,
    pub last_four: String,
    pub created_at: DateTime<Utc>,
    pub retires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub requests: i64,
    /// How many of them were made before another secret took its place.
    pub requests_before: Option<i64>,
    /// When its end was put off, which is done once.
    pub extended_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// What the key may do; of `inherit`, nothing is named.
    pub fn permissions(&self) -> &Permissions {
        if self.grant.permissions.is_empty() {
            &self.granted
        } else {
            &self.grant.permissions
        }
    }

    pub fn is_of(&self, person: UserId) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.id == person)
    }

    /// The owner as sentences name them.
    pub fn owner_name(&self) -> &str {
        self.owner.as_ref().map_or("nobody", |owner| &owner.name)
    }

    /// What the owner is in its workspace; `None` for who has left, and of a service key.
    pub fn owner_role(&self) -> Option<WorkspaceRole> {
        self.owner.as_ref().and_then(|owner| owner.role)
    }

    /// The last four letters of the current secret.
    pub fn last_four(&self) -> &str {
        self.secrets
            .last()
            .map_or("", |secret| secret.last_four.as_str())
    }

    /// As far as calls have been recorded.
    pub fn was_used(&self) -> bool {
        let of_secret = |secret: &KeySecret| secret.requests > 0 || secret.last_used_at.is_some();
        self.first_used_at.is_some()
            || self.last_used_at.is_some()
            || self.secrets.iter().any(of_secret)
    }

    /// The secret before the current one, for as long as it works.
    pub fn retiring(&self, now: DateTime<Utc>) -> Option<&KeySecret> {
        let (_, earlier) = self.secrets.split_last()?;
        earlier.iter().rev().find(|secret| secret.works(now))
    }
}

impl KeySecret {
    /// Whether it has not been ended by itself. Its key may be over or off all the same.
    pub fn works(&self, now: DateTime<Utc>) -> bool {
        self.retires_at.is_none_or(|at| now < at)
    }

    /// Requests since another secret took its place; all of them, of a current one.
    pub fn requests_since(&self) -> i64 {
        (self.requests - self.requests_before.unwrap_or(0)).max(0)
    }
}

/// What a key shows of its secret for ever after: `lk_4fZk0QpL9aBc_••••c91d`.
pub fn masked(prefix: &str, id: ApiKeyId, last_four: &str) -> String {
    format!("{prefix}_{id}_••••{last_four}")
}
