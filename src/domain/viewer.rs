//! The person behind a session, with all that decides what they may see.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::key_policy::KeyCreators;
use crate::domain::person::UserId;
use crate::domain::right::Right;
use crate::domain::role::AccountRole;
use crate::domain::role::StaffRole;
use crate::domain::role::WorkspaceRole;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub id: UserId,
    pub email: String,
    pub name: String,
    /// A role at the operator, beside the one in the account.
    pub staff: Option<StaffRole>,
    /// The account the person signed in to. Staff may belong to none.
    pub membership: Option<Membership>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub account: AccountId,
    pub account_domain: String,
    pub account_name: String,
    pub role: AccountRole,
    /// For how long the calls with its keys are kept, if not as long as the installation's are.
    #[serde(default)]
    pub log_days: Option<u16>,
    /// Those the person may open, by name.
    pub workspaces: Vec<WorkspaceAccess>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceAccess {
    pub id: WorkspaceId,
    pub slug: String,
    pub name: String,
    /// Whether the Developers pages are switched on here.
    pub developers: bool,
    pub role: WorkspaceRole,
    /// As the key policy of the workspace has it.
    #[serde(default)]
    pub key_creators: KeyCreators,
}

impl WorkspaceAccess {
    pub fn may_create_keys(&self) -> bool {
        self.key_creators.include(self.role)
    }

    /// Settings of the workspace are for its admins.
    pub fn may_set(&self) -> bool {
        self.role.may(Right::SetWorkspace)
    }
}

impl Membership {
    /// Who belongs to the account, and as what, is for its owners and admins.
    pub fn may_manage_members(&self) -> bool {
        self.role.may(Right::ManageMembers)
    }

    /// The workspace by its slug, if the person may open it.
    pub fn workspace(&self, slug: &str) -> Option<&WorkspaceAccess> {
        self.workspaces
            .iter()
            .find(|workspace| workspace.slug == slug)
    }
}
