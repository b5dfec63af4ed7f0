//! What people look for in an audit log: actions of one kind together.

use crate::domain::audit::Action;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Keys,
    Exports,
    People,
    SignIn,
    Settings,
    Support,
    Installation,
}

/// Group, its name in addresses, and in words.
const TABLE: [(Group, &str, &str); 7] = [
    (Group::Keys, "keys", "Keys"),
    (Group::Exports, "exports", "Exports"),
    (Group::People, "people", "People and roles"),
    (Group::SignIn, "sign-in", "Sign-in and sessions"),
    (Group::Settings, "settings", "Workspaces and settings"),
    (Group::Support, "support", "Support access"),
    (Group::Installation, "installation", "Installation"),
];

impl Group {
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.into_iter().map(|(group, ..)| group)
    }

    pub fn slug(self) -> &'static str {
        TABLE[self as usize].1
    }

    pub fn label(self) -> &'static str {
        TABLE[self as usize].2
    }

    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::all().find(|group| group.slug() == slug)
    }

    /// By what stands before the dot of its code, and for exports after it.
    pub fn of(action: Action) -> Self {
        let (noun, deed) = action.code().split_once('.').unwrap_or_default();
        match noun {
            _ if deed == "exported" => Self::Exports,
            "key" => Self::Keys,
            "member" | "person" | "invitation" | "link" => Self::People,
            "session" | "password" | "second-factor" | "recovery-codes" | "recovery-code"
            | "identity" | "sign-in-rules" => Self::SignIn,
            "support" | "support-access" => Self::Support,
            "workspace" | "developers" | "key-policy" | "account" | "log-retention" => {
                Self::Settings
            }
            _ => Self::Installation,
        }
    }

    /// The codes of its actions.
    pub fn codes(self) -> Vec<&'static str> {
        let own = Action::all().filter(|action| Self::of(*action) == self);
        own.map(Action::code).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_groups_and_each_of_them_has_a_name() {
        for group in Group::all() {
            assert_eq!(Group::from_slug(group.slug()), Some(group));
        }
    }

    #[test]
    fn each_action_is_in_one_group() {
        let grouped: usize = Group::all().map(|group| group.codes().len()).sum();
        assert_eq!(grouped, Action::all().count());
    }
}
