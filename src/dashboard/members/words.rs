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

/// "an owner"
pub fn an(role: &str) -> String {
    let article = if role.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {role}")
}

/// A role to choose: its name in the form, in words, and what it is for.
pub struct RoleChoice {
    pub slug: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
}

pub fn account_choice(role: AccountRole) -> RoleChoice {
    RoleChoice {
        slug: role.as_str(),
        label: in_account(role),
        hint: match role {
            AccountRole::Owner => {
                "All that an admin does. Also makes and unmakes owners, and sets how people sign in."
            }
            AccountRole::Admin => {
                "Looks after people, workspaces and the plan, and is an admin of every workspace."
            }
            AccountRole::Member => {
                "Opens the workspaces that are opened to them, with the role they have there."
            }
        },
    }
}

pub fn workspace_choice(role: WorkspaceRole) -> RoleChoice {
    RoleChoice {
        slug: role.as_str(),
        label: in_workspace(role),
        hint: match role {
            WorkspaceRole::Admin => {
                "Looks after every key of the workspace, its settings and who may open it."
            }
            WorkspaceRole::Developer => "Creates keys and looks after their own.",
            WorkspaceRole::Viewer => "Sees keys, limits and use. Changes nothing.",
        },
    }
}
