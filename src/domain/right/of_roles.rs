//! What each role may, by the table.

use crate::domain::right::Held::AtOperator;
use crate::domain::right::Held::InAccount;
use crate::domain::right::Held::InWorkspace;
use crate::domain::right::Reach;
use crate::domain::right::Reach::Nothing;
use crate::domain::right::Right;
use crate::domain::role::AccountRole;
use crate::domain::role::StaffRole;
use crate::domain::role::WorkspaceRole;

impl WorkspaceRole {
    /// In the workspace in which the person has the role.
    pub fn reach(self, right: Right) -> Reach {
        match right.held() {
            InWorkspace(reach) => reach[self as usize],
            InAccount(_) | AtOperator(_) => Nothing,
        }
    }

    pub fn may(self, right: Right) -> bool {
        self.reach(right) != Nothing
    }

    /// Who did what is for admins.
    pub fn may_see_audit(self) -> bool {
        self.may(Right::SeeAudit)
    }

    pub fn may_create_keys(self) -> bool {
        self.may(Right::CreateKeys)
    }

    /// The list as a file: all of it as admin, one's own keys as developer.
    pub fn may_export_keys(self) -> bool {
        self.may(Right::ExportKeys)
    }

    /// Whether this person may stop or rotate a key: any as admin, one's own as developer.
    pub fn may_manage_key(self, own: bool) -> bool {
        self.reach(Right::ManageKeys).covers(own)
    }

    /// Addresses in the request log: not for viewers, one's own keys' for developers.
    pub fn may_see_addresses(self, own: bool) -> bool {
        self.reach(Right::SeeAddresses).covers(own)
    }
}

impl AccountRole {
    /// In the account; what the role brings in its workspaces is `everywhere`'s.
    pub fn reach(self, right: Right) -> Reach {
        match right.held() {
            InAccount(reach) => reach[self as usize],
            InWorkspace(_) | AtOperator(_) => Nothing,
        }
    }

    pub fn may(self, right: Right) -> bool {
        self.reach(right) != Nothing
    }

    /// What the company has bought, and all its workspaces used of it.
    pub fn may_see_plan(self) -> bool {
        self.may(Right::SeePlan)
    }
}

impl StaffRole {
    pub fn may(self, right: Right) -> bool {
        match right.held() {
            AtOperator(reach) => reach[self as usize] != Nothing,
            InWorkspace(_) | InAccount(_) => false,
        }
    }
}
