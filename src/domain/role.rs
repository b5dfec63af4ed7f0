//! Who may do what.

use serde::Deserialize;
use serde::Serialize;

/// A member's role in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountRole {
    Owner,
    Admin,
    Member,
}

/// A member's role in one workspace. Owners and account admins are workspace admins everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkspaceRole {
    Admin,
    Developer,
    Viewer,
}

/// A role at the operator, who runs the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StaffRole {
    Operator,
    Support,
}

/// An unknown role in the database or on the command line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no role")]
pub struct UnknownRole(pub String);

macro_rules! role_names {
    ($role:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $role {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
        impl std::str::FromStr for $role {
            type Err = UnknownRole;
            fn from_str(name: &str) -> Result<Self, UnknownRole> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    other => Err(UnknownRole(other.to_owned())),
                }
            }
        }
    };
}

role_names!(AccountRole { Owner = "owner", Admin = "admin", Member = "member" });
role_names!(WorkspaceRole { Admin = "admin", Developer = "developer", Viewer = "viewer" });
role_names!(StaffRole { Operator = "operator", Support = "support" });

impl AccountRole {
    /// What the company has bought, and all its workspaces used of it.
    pub fn may_see_plan(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }

    /// The workspace role that this account role brings everywhere, if it brings one.
    pub fn everywhere(self) -> Option<WorkspaceRole> {
        match self {
            Self::Owner | Self::Admin => Some(WorkspaceRole::Admin),
            Self::Member => None,
        }
    }
}

impl WorkspaceRole {
    /// Who did what is for admins.
    pub fn may_see_audit(self) -> bool {
        matches!(self, Self::Admin)
    }

    pub fn may_create_keys(self) -> bool {
        matches!(self, Self::Admin | Self::Developer)
    }

    /// The list as a file: all of it as admin, one's own keys as developer.
    pub fn may_export_keys(self) -> bool {
        matches!(self, Self::Admin | Self::Developer)
    }

    /// Whether this person may stop or rotate a key: any as admin, one's own as developer.
    pub fn may_manage_key(self, own: bool) -> bool {
        match self {
            Self::Admin => true,
            Self::Developer => own,
            Self::Viewer => false,
        }
    }

    /// Addresses in the request log: not for viewers, one's own keys' for developers.
    pub fn may_see_addresses(self, own: bool) -> bool {
        self.may_manage_key(own)
    }
}
