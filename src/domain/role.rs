//! Who may do what.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::right::Right;

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
    /// Support who may also disable a customer's key in an emergency.
    SupportLead,
    Support,
}

/// An unknown role in the database or on the command line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no role")]
pub struct UnknownRole(pub String);

macro_rules! role_names {
    ($role:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $role {
            /// Highest first.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

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
role_names!(StaffRole { Operator = "operator", SupportLead = "support-lead", Support = "support" });

impl AccountRole {
    /// Whether this person may give `role` to others, and take it: none above their own.
    pub fn may_give(self, role: Self) -> bool {
        match role {
            Self::Owner => self.may(Right::SetOwners),
            Self::Admin | Self::Member => self.may(Right::ManageMembers),
        }
    }

    /// The workspace role that this account role brings everywhere, if it brings one.
    pub fn everywhere(self) -> Option<WorkspaceRole> {
        match self {
            Self::Owner | Self::Admin => Some(WorkspaceRole::Admin),
            Self::Member => None,
        }
    }
}
