//! Who plays in the demo: its people, and keys in every state that a key can be in.
//!
//! Times are hours before now (`…_h`), so that the demo looks the same whenever it is started.

use crate::cli::demo::history::calls::App;
use crate::cli::demo::history::rhythm::Rhythm;

mod keys;

pub use crate::cli::demo::cast::keys::KEYS;

pub const DOMAIN: &str = "acme";
pub const COMPANY: &str = "Acme Documents";
pub const STAGING: &str = "staging";
/// The account is older than all that happened in it.
pub const ACCOUNT_AGE_H: i64 = 300 * DAY_H;

const DAY_H: i64 = 24;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    Owner,
    Admin,
    Support,
}

impl Person {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Admin, Self::Support];

    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "Ada Lindqvist",
            Self::Admin => "Bilal Haddad",
            Self::Support => "Chiara Conti",
        }
    }

    pub fn email(self) -> &'static str {
        match self {
            Self::Owner => "ada@acme.example",
            Self::Admin => "bilal@acme.example",
            Self::Support => "chiara@latchkey.example",
        }
    }

    /// What the start prints beside the sign-in.
    pub fn role(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "workspace admin",
            Self::Support => "support staff",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Default,
    Staging,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is as it was made.
    Kept,
    Disabled {
        ago_h: i64,
    },
    Revoked {
        ago_h: i64,
        reason: &'static str,
    },
    /// Has a second secret; the first one still works for a while.
    Rotating {
        ago_h: i64,
        left_h: i64,
    },
    /// Was used, so long ago that the rows are past their retention.
    LongIdle {
        ago_h: i64,
        requests: i64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    Never,
    EndsIn { hours: i64 },
    Ended { ago_h: i64 },
}

#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    /// Calls in comparison with the other keys.
    pub share: u64,
    pub rhythm: Rhythm,
    pub app: App,
}

/// What a key may do.
#[derive(Debug, Clone, Copy)]
pub enum Scope {
    Preset(&'static str),
    Custom(&'static [&'static str]),
    Inherit,
}

#[derive(Debug, Clone, Copy)]
pub struct CastKey {
    /// How the demo itself calls it.
    pub slug: &'static str,
    pub name: &'static str,
    pub place: Place,
    pub creator: Person,
    pub category: &'static str,
    pub note: &'static str,
    pub scope: Scope,
    /// Requests in a rolling day, and in rolling 30 days.
    pub daily: Option<u64>,
    pub monthly: Option<u64>,
    /// As the form takes them.
    pub allowed_ips: &'static str,
    pub age_h: i64,
    pub lifetime: Lifetime,
    pub fate: Fate,
    /// `None`: never used in the last 30 days.
    pub traffic: Option<Traffic>,
    /// Whether the demo goes on calling with it while it runs.
    pub live: bool,
}
