//! Everything that the audit log can say, in one table.

pub mod chain;
pub mod erasure;
pub mod group;
mod table;

use crate::domain::audit::table::TABLE;

/// Who did it is the `Actor`; when, to what, from where are the row's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    AccountCreated,
    WorkspaceCreated,
    PersonCreated,
    MemberAdded,
    StaffGranted,
    LinkCreated,
    PasswordSet,
    SessionStarted,
    SessionEnded,
    KeyCreated,
    KeyUpdated,
    KeyRotated,
    KeyOverlapEnded,
    KeyOverlapExtended,
    KeyDisabled,
    KeyEnabled,
    KeyRevoked,
    KeyDeleted,
    KeysExported,
    LogsExported,
    UsageExported,
    ServiceCredentialCreated,
    ServiceCredentialRevoked,
    IpBlockLifted,
    CatalogueApplied,
    AccountUpdated,
    AccountSuspended,
    AccountResumed,
    KeyPolicyChanged,
    WorkspaceUpdated,
    WorkspaceArchived,
    WorkspaceRestored,
    DevelopersSwitchedOn,
    DevelopersSwitchedOff,
    MemberRoleChanged,
    MemberRemoved,
    InvitationSent,
    InvitationResent,
    InvitationWithdrawn,
    InvitationAccepted,
    KeyHandedOver,
    KeyMadeService,
    PersonUpdated,
    PasswordResetAsked,
    SessionConfirmed,
    SecondFactorAdded,
    SecondFactorRemoved,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    IdentityLinked,
    IdentityUnlinked,
    SignInRulesChanged,
    StaffRevoked,
    AuditAccepted,
    AuditExported,
    LogRetentionChanged,
    PersonErased,
    SupportSearched,
    SupportRequested,
    SupportOpened,
    SupportApproved,
    SupportDeclined,
    SupportRenewed,
    SupportEnded,
    SupportViewed,
    SupportAddressesShown,
    SupportAccessChanged,
    RestoreMended,
}

impl Action {
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.into_iter().map(|(action, ..)| action)
    }

    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// What happened, to stand between actor and target: "Ada *revoked the key* Blog ingest".
    pub fn words(self) -> &'static str {
        self.row().2
    }

    pub fn from_code(code: &str) -> Option<Self> {
        TABLE
            .into_iter()
            .find(|(_, known, _)| *known == code)
            .map(|(action, ..)| action)
    }

    fn row(self) -> (Self, &'static str, &'static str) {
        TABLE[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_actions() {
        for action in Action::all() {
            assert_eq!(action.row().0, action);
            assert_eq!(Action::from_code(action.code()), Some(action));
        }
    }
}
