//! What a key may do: permissions, and the resources that they hold for.

use std::fmt;

mod entry;

pub use crate::domain::grant::entry::parse_resources;

/// The scope of a key whose permissions were chosen one by one.
pub const CUSTOM: &str = "custom";
/// The scope of a key that may do what its owner may, live.
pub const INHERIT: &str = "inherit";
/// What no key can ever be granted: managing people, workspaces, billing, settings, keys.
pub const CONSOLE: &str = "console";

/// Every permission but those of the console.
pub const ANY: &str = "*";

/// A set of permissions: `resource:action`, `resource:*`, or `*`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions(Box<[Box<str>]>);

impl Permissions {
    pub fn new<T: Into<Box<str>>>(permissions: impl IntoIterator<Item = T>) -> Self {
        Self(permissions.into_iter().map(Into::into).collect())
    }

    /// Whether `permission`, such as `documents:write`, is among them. `console:…` never is.
    pub fn allow(&self, permission: &str) -> bool {
        let (resource, action) = permission.split_once(':').unwrap_or((permission, ""));
        if resource == CONSOLE {
            return false;
        }
        self.0.iter().any(|held| match held.split_once(':') {
            None => &**held == ANY,
            Some((of, what)) => of == resource && (what == ANY || what == action),
        })
    }

    /// Whether they are `*`: routes that the catalogue does not know are allowed too.
    pub fn are_all(&self) -> bool {
        self.0.iter().any(|held| &**held == ANY)
    }

    /// Whether they allow all that `other` names.
    pub fn cover(&self, other: &Self) -> bool {
        other.iter().all(|one| self.allow(one))
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|held| &**held)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Joined with commas, as headers carry them.
impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, held) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            f.write_str(held)?;
        }
        Ok(())
    }
}

/// Which resources a key may touch: all, or ids, or beginnings of ids (`eu-*`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources(Option<Box<[Box<str>]>>);

impl Resources {
    pub const ALL: Self = Self(None);

    /// From the stored form, in which `*` is all.
    pub fn new<T: Into<Box<str>>>(resources: impl IntoIterator<Item = T>) -> Self {
        let named: Box<[Box<str>]> = resources.into_iter().map(Into::into).collect();
        if named.iter().any(|one| &**one == ANY) {
            Self::ALL
        } else {
            Self(Some(named))
        }
    }

    /// Whether the key may touch `resource`. A request that names none touches all.
    pub fn allow(&self, resource: Option<&str>) -> bool {
        let (Some(named), Some(resource)) = (&self.0, resource) else {
            return self.0.is_none();
        };
        named.iter().any(|one| match one.strip_suffix(ANY) {
            Some(beginning) => resource.starts_with(beginning),
            None => &**one == resource,
        })
    }

    pub fn are_all(&self) -> bool {
        self.0.is_none()
    }

    /// As they are stored and typed; `*` for all.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let all = self.0.is_none().then_some(ANY);
        let named = self.0.iter().flatten().map(|one| &**one);
        all.into_iter().chain(named)
    }
}

/// What a key is granted, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// A preset of the catalogue, `custom` or `inherit`.
    pub scope: String,
    /// The preset's version; 1 for `custom` and `inherit`.
    pub version: i32,
    /// Of `custom`; empty for every other scope.
    pub permissions: Permissions,
    pub resources: Resources,
}

impl Grant {
    /// A preset on all resources.
    pub fn preset(slug: &str, version: i32) -> Self {
        Self {
            scope: slug.to_owned(),
            version,
            permissions: Permissions::default(),
            resources: Resources::ALL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_allow_themselves_their_resource_or_everything() {
        let some = Permissions::new(["documents:read", "chats:*"]);
        assert!(some.allow("documents:read"));
        assert!(!some.allow("documents:write"));
        assert!(some.allow("chats:write"));
        assert!(!some.are_all());
        assert!(Permissions::new([ANY]).allow("agents:run"));
        assert!(!Permissions::default().allow("documents:read"));
    }

    #[test]
    fn permissions_cover_what_they_allow_and_only_all_cover_all() {
        let some = Permissions::new(["documents:read", "chats:*"]);
        assert!(some.cover(&Permissions::new(["chats:write", "documents:read"])));
        assert!(some.cover(&Permissions::new(["chats:*"])));
        assert!(some.cover(&Permissions::default()));
        assert!(!some.cover(&Permissions::new(["documents:*"])));
        assert!(!some.cover(&Permissions::new([ANY])));
        assert!(Permissions::new([ANY]).cover(&Permissions::new([ANY, "chats:*"])));
    }

    #[test]
    fn nothing_grants_the_console() {
        let most = Permissions::new([ANY, "console:*", "console:keys"]);
        assert!(!most.allow("console:keys"));
        assert!(!most.allow("console"));
    }

    #[test]
    fn resources_are_all_or_ids_or_beginnings() {
        let some = Resources::new(["7", "eu-*"]);
        assert!(some.allow(Some("7")));
        assert!(some.allow(Some("eu-42")));
        assert!(!some.allow(Some("8")));
        assert!(!some.allow(None));
        assert!(Resources::new(["7", "*"]).allow(None));
    }
}
