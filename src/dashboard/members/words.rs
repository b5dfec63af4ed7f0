//! Roles in words.

use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;

pub fn in_account(role: AccountRole) -> &'static str {
    match role {
        AccountRole::Owner => "Owner",
        AccountRole::Admin => "Admin",
        AccountRole::Member => "Member",
    }
}

pub fn in_workspace(role: WorkspaceRole) -> &'static str {
    match role {
        WorkspaceRole::Admin => "Admin",
        WorkspaceRole::Developer => "Developer",
        WorkspaceRole::Viewer => "Viewer",
    }
}
