//! What a workspace asks of its keys when they are made or changed.

use chrono::DateTime;
use chrono::Days;
use chrono::NaiveTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::expiry::Expiry;
use crate::domain::grant;
use crate::domain::role::WorkspaceRole;

/// In days: as long as a date of the create form may lie ahead.
pub const LONGEST_LIFE_MAX: u16 = 18_250;

/// The word for a key that never expires, beside those of `Expiry::PRESETS`.
pub const NEVER: &str = "never";

/// Who may create keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyCreators {
    /// And admins.
    #[default]
    Developers,
    Admins,
}

impl KeyCreators {
    pub const ALL: [Self; 2] = [Self::Developers, Self::Admins];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Developers => "developers",
            Self::Admins => "admins",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }

    pub fn include(self, role: WorkspaceRole) -> bool {
        match self {
            Self::Developers => role.may_create_keys(),
            Self::Admins => role == WorkspaceRole::Admin,
        }
    }
}

/// The default one asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyPolicy {
    /// In days from a key's creation, and to the end of the last one, UTC; `None` is for ever.
    pub longest_life: Option<u16>,
    /// A choice of the create form, by its slug; `None` is the installation's.
    pub default_expiry: Option<String>,
    /// Slugs of presets, `custom` and `inherit`; `None` is every one, also those to come.
    pub scopes: Option<Vec<String>>,
    pub creators: KeyCreators,
    /// 0 where none was ever set.
    pub version: i32,
}

impl KeyPolicy {
    /// The latest end of a key made at `created_at`; `None` is never.
    pub fn latest(&self, created_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let days = Days::new(u64::from(self.longest_life?) + 1);
        let end = created_at.date_naive().checked_add_days(days);
        // Beyond the calendar nothing is too late.
        end.map(|day| day.and_time(NaiveTime::MIN).and_utc())
    }

    /// Whether a key made at `created_at` may end, or never end, so.
    pub fn allows_end(&self, created_at: DateTime<Utc>, end: Option<DateTime<Utc>>) -> bool {
        match (self.latest(created_at), end) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(latest), Some(end)) => end <= latest,
        }
    }

    /// Whether the choice of a new key's expiry may be made.
    pub fn allows_expiry(&self, expiry: Expiry, now: DateTime<Utc>) -> bool {
        self.allows_end(now, expiry.at(now))
    }

    pub fn allows_scope(&self, slug: &str) -> bool {
        let Some(scopes) = &self.scopes else {
            return true;
        };
        scopes.iter().any(|one| one == slug || one == grant::ANY)
    }

    /// Whether it asks anything of keys that are there.
    pub fn binds_keys(&self) -> bool {
        self.longest_life.is_some() || self.scopes.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_life_counts_from_creation_to_the_end_of_its_last_day() {
        let policy = KeyPolicy {
            longest_life: Some(90),
            ..KeyPolicy::default()
        };
        let made = at("2026-11-21T09:41:00Z");
        assert_eq!(policy.latest(made), Some(at("2027-02-20T00:00:00Z")));
        assert!(policy.allows_expiry(Expiry::NinetyDays, made));
        assert!(!policy.allows_expiry(Expiry::Year, made));
        assert!(!policy.allows_expiry(Expiry::Never, made));
        let last = "2027-02-19".parse().unwrap();
        assert!(policy.allows_expiry(Expiry::On(last), made));
        assert!(!policy.allows_expiry(Expiry::On(last.succ_opt().unwrap()), made));
        assert!(KeyPolicy::default().allows_end(made, None));
    }

    #[test]
    fn scopes_are_every_one_or_those_that_are_named() {
        let mut policy = KeyPolicy::default();
        assert!(policy.allows_scope("full"));
        policy.scopes = Some(vec!["query".to_owned()]);
        assert!(policy.allows_scope("query"));
        assert!(!policy.allows_scope("full"));
    }
}
