//! Who may do what: the one table that the console's doors enforce. `docs/roles.md` is made of it.

mod of_roles;

use crate::domain::role::AccountRole;
use crate::domain::role::StaffRole;
use crate::domain::role::WorkspaceRole;

/// One thing that a role may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    SeeWorkspace,
    SeeKeys,
    CreateKeys,
    ManageKeys,
    ExportKeys,
    SeeLogs,
    ExportLogs,
    SeeAddresses,
    SeeWorkspaceMembers,
    SetWorkspaceRoles,
    SetWorkspace,
    SeeAudit,
    SwitchWorkspace,
    SeeAllLogs,
    SeeAllAudit,
    LeaveAccount,
    SeePlan,
    ManageMembers,
    ManageWorkspaces,
    SetSignInRules,
    SetLogRetention,
    SetOwners,
    OverseeSupport,
    ReadInstallation,
    RunInstallation,
    SearchAccounts,
    SupportAccounts,
    DisableInEmergency,
}

/// How far a role's right goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    Nothing,
    /// Only with the keys that are the person's own.
    Own,
    All,
}

/// Which roles can hold a right, and how far it goes for each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// By admins, developers, viewers of the workspace. Owners and admins of the account are
    /// admins of each.
    InWorkspace([Reach; 3]),
    /// By owners, admins, members of the account.
    InAccount([Reach; 3]),
    /// By operators, support leads and support staff of the installation.
    AtOperator([Reach; 3]),
}

use Held::AtOperator;
use Held::InAccount;
use Held::InWorkspace;
use Reach::All;
use Reach::Nothing;
use Reach::Own;

/// The right, what having it means, and who has it.
const TABLE: [(Right, &str, Held); 28] = [
    (
        Right::SeeWorkspace,
        "Opening the workspace",
        InWorkspace([All, All, All]),
    ),
    (
        Right::SeeKeys,
        "Seeing keys, their limits and their use",
        InWorkspace([All, All, All]),
    ),
    (
        Right::CreateKeys,
        "Creating a key",
        InWorkspace([All, All, Nothing]),
    ),
    (
        Right::ManageKeys,
        "Changing, rotating, disabling, revoking a key",
        InWorkspace([All, Own, Nothing]),
    ),
    (
        Right::ExportKeys,
        "Exporting keys",
        InWorkspace([All, Own, Nothing]),
    ),
    (
        Right::SeeLogs,
        "Seeing the calls made with keys",
        InWorkspace([All, All, All]),
    ),
    (
        Right::ExportLogs,
        "Exporting the calls made with keys",
        InWorkspace([All, Own, Nothing]),
    ),
    (
        Right::SeeAddresses,
        "Seeing the addresses of callers",
        InWorkspace([All, Own, Nothing]),
    ),
    (
        Right::SeeWorkspaceMembers,
        "Seeing who may open the workspace",
        InWorkspace([All, All, All]),
    ),
    (
        Right::SetWorkspaceRoles,
        "Giving roles in the workspace",
        InWorkspace([All, Nothing, Nothing]),
    ),
    (
        Right::SetWorkspace,
        "Changing settings of the workspace",
        InWorkspace([All, Nothing, Nothing]),
    ),
    (
        Right::SeeAudit,
        "Seeing who changed what in the workspace",
        InWorkspace([All, Nothing, Nothing]),
    ),
    (
        Right::SwitchWorkspace,
        "Seeing the list of the workspaces that are open to oneself",
        InAccount([All, All, All]),
    ),
    (
        Right::SeeAllLogs,
        "Seeing and exporting the calls of all workspaces together",
        InAccount([All, Nothing, Nothing]),
    ),
    (
        Right::SeeAllAudit,
        "Seeing and exporting who changed what in the company",
        InAccount([All, All, Nothing]),
    ),
    (
        Right::LeaveAccount,
        "Leaving the account",
        InAccount([All, All, All]),
    ),
    (
        Right::SeePlan,
        "Seeing the plan and the company’s use of it",
        InAccount([All, All, Nothing]),
    ),
    (
        Right::ManageMembers,
        "Inviting and removing people, and giving them roles",
        InAccount([All, All, Nothing]),
    ),
    (
        Right::ManageWorkspaces,
        "Creating, renaming and archiving workspaces",
        InAccount([All, All, Nothing]),
    ),
    (
        Right::SetSignInRules,
        "Changing how people of the account sign in",
        InAccount([All, Nothing, Nothing]),
    ),
    (
        Right::SetLogRetention,
        "Changing how long calls are kept",
        InAccount([All, Nothing, Nothing]),
    ),
    (
        Right::SetOwners,
        "Making and unmaking owners",
        InAccount([All, Nothing, Nothing]),
    ),
    (
        Right::OverseeSupport,
        "Seeing, and deciding, who of support looks into the account",
        InAccount([All, Nothing, Nothing]),
    ),
    (
        Right::ReadInstallation,
        "Reading the installation’s nodes, blocks and catalogue",
        AtOperator([All, All, All]),
    ),
    (
        Right::RunInstallation,
        "Looking after accounts, plans, blocks, service credentials and staff",
        AtOperator([All, Nothing, Nothing]),
    ),
    (
        Right::SearchAccounts,
        "Finding whose a key, a request or an address is",
        AtOperator([All, All, All]),
    ),
    (
        Right::SupportAccounts,
        "Looking into a customer’s account, with a reason and for half an hour",
        AtOperator([All, All, All]),
    ),
    (
        Right::DisableInEmergency,
        "Disabling a customer’s key in an emergency",
        AtOperator([All, All, Nothing]),
    ),
];

impl Right {
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.into_iter().map(|(right, ..)| right)
    }

    /// What a person with the right is doing: "Creating a key".
    pub fn doing(self) -> &'static str {
        self.row().1
    }

    pub fn held(self) -> Held {
        self.row().2
    }

    /// Whether its pages are those of the section Developers, which a workspace may switch off.
    pub fn is_developers(self) -> bool {
        matches!(
            self,
            Self::SeeKeys
                | Self::CreateKeys
                | Self::ManageKeys
                | Self::ExportKeys
                | Self::SeeLogs
                | Self::ExportLogs
        )
    }

    /// The roles that have it, lowest last: "owner or admin".
    pub fn roles(self) -> String {
        let names: Vec<&str> = match self.held() {
            InWorkspace(reach) => holding(WorkspaceRole::ALL.map(WorkspaceRole::as_str), reach),
            InAccount(reach) => holding(AccountRole::ALL.map(AccountRole::as_str), reach),
            AtOperator(reach) => holding(StaffRole::ALL.map(StaffRole::as_str), reach),
        };
        names.join(" or ")
    }

    fn row(self) -> (Self, &'static str, Held) {
        TABLE[self as usize]
    }
}

fn holding<const N: usize>(names: [&'static str; N], reach: [Reach; N]) -> Vec<&'static str> {
    let both = names.into_iter().zip(reach);
    both.filter(|(_, reach)| *reach != Nothing)
        .map(|(name, _)| name)
        .collect()
}

impl Reach {
    /// Whether it covers a key of the person's `own`, or another's.
    pub fn covers(self, own: bool) -> bool {
        match self {
            Nothing => false,
            Own => own,
            All => true,
        }
    }
}

#[cfg(test)]
mod tests;
