//! Code and words of every action.

use crate::domain::audit::Action;

/// Code, which never changes once a row carries it, and words.
pub(super) const TABLE: [(Action, &str, &str); 68] = [
    (
        Action::AccountCreated,
        "account.created",
        "created the account",
    ),
    (
        Action::WorkspaceCreated,
        "workspace.created",
        "created the workspace",
    ),
    (Action::PersonCreated, "person.created", "added the person"),
    (Action::MemberAdded, "member.added", "gave access to"),
    (
        Action::StaffGranted,
        "staff.granted",
        "gave an operator role to",
    ),
    (
        Action::LinkCreated,
        "link.created",
        "made a one-time link for",
    ),
    (Action::PasswordSet, "password.set", "set the password of"),
    (Action::SessionStarted, "session.started", "signed in"),
    (Action::SessionEnded, "session.ended", "signed out"),
    (Action::KeyCreated, "key.created", "created the key"),
    (Action::KeyUpdated, "key.updated", "changed the key"),
    (Action::KeyRotated, "key.rotated", "rotated the key"),
    (
        Action::KeyOverlapEnded,
        "key.overlap-ended",
        "ended the old secret of the key",
    ),
    (
        Action::KeyOverlapExtended,
        "key.overlap-extended",
        "gave one day more to the old secret of the key",
    ),
    (Action::KeyDisabled, "key.disabled", "disabled the key"),
    (Action::KeyEnabled, "key.enabled", "enabled the key"),
    (Action::KeyRevoked, "key.revoked", "revoked the key"),
    (Action::KeyDeleted, "key.deleted", "deleted the key"),
    (Action::KeysExported, "keys.exported", "exported keys of"),
    (Action::LogsExported, "logs.exported", "exported calls of"),
    (Action::UsageExported, "usage.exported", "exported usage of"),
    (
        Action::ServiceCredentialCreated,
        "service-credential.created",
        "created the service credential",
    ),
    (
        Action::ServiceCredentialRevoked,
        "service-credential.revoked",
        "revoked the service credential",
    ),
    (
        Action::IpBlockLifted,
        "ip-block.lifted",
        "lifted the block of",
    ),
    (
        Action::CatalogueApplied,
        "catalogue.applied",
        "applied the catalogue",
    ),
    (
        Action::AccountUpdated,
        "account.updated",
        "changed the settings of the account",
    ),
    (
        Action::AccountSuspended,
        "account.suspended",
        "suspended the account",
    ),
    (
        Action::AccountResumed,
        "account.resumed",
        "resumed the account",
    ),
    (
        Action::KeyPolicyChanged,
        "key-policy.changed",
        "changed the key policy of",
    ),
    (
        Action::WorkspaceUpdated,
        "workspace.updated",
        "renamed the workspace",
    ),
    (
        Action::WorkspaceArchived,
        "workspace.archived",
        "archived the workspace",
    ),
    (
        Action::WorkspaceRestored,
        "workspace.restored",
        "brought back the workspace",
    ),
    (
        Action::DevelopersSwitchedOn,
        "developers.switched-on",
        "switched Developers on in",
    ),
    (
        Action::DevelopersSwitchedOff,
        "developers.switched-off",
        "switched Developers off in",
    ),
    (
        Action::MemberRoleChanged,
        "member.role-changed",
        "changed the role of",
    ),
    (Action::MemberRemoved, "member.removed", "took access from"),
    (Action::InvitationSent, "invitation.sent", "invited"),
    (
        Action::InvitationResent,
        "invitation.resent",
        "sent the invitation again to",
    ),
    (
        Action::InvitationWithdrawn,
        "invitation.withdrawn",
        "withdrew the invitation of",
    ),
    (
        Action::InvitationAccepted,
        "invitation.accepted",
        "accepted the invitation to",
    ),
    (
        Action::KeyHandedOver,
        "key.handed-over",
        "handed over the key",
    ),
    (
        Action::KeyMadeService,
        "key.made-service",
        "made a service key of",
    ),
    (
        Action::PersonUpdated,
        "person.updated",
        "changed the profile of",
    ),
    (
        Action::PasswordResetAsked,
        "password.reset-asked",
        "asked to reset the password of",
    ),
    (
        Action::SessionConfirmed,
        "session.confirmed",
        "confirmed who they are",
    ),
    (
        Action::SecondFactorAdded,
        "second-factor.added",
        "added a second factor to",
    ),
    (
        Action::SecondFactorRemoved,
        "second-factor.removed",
        "removed the second factor of",
    ),
    (
        Action::RecoveryCodesMade,
        "recovery-codes.made",
        "made new recovery codes for",
    ),
    (
        Action::RecoveryCodeUsed,
        "recovery-code.used",
        "used a recovery code of",
    ),
    (
        Action::IdentityLinked,
        "identity.linked",
        "linked a sign-in to",
    ),
    (
        Action::IdentityUnlinked,
        "identity.unlinked",
        "removed a sign-in from",
    ),
    (
        Action::SignInRulesChanged,
        "sign-in-rules.changed",
        "changed the sign-in rules of",
    ),
    (
        Action::StaffRevoked,
        "staff.revoked",
        "took the operator role from",
    ),
    (
        Action::AuditAccepted,
        "audit.accepted",
        "accepted the audit log as the database has it in",
    ),
    (
        Action::AuditExported,
        "audit.exported",
        "exported the audit log of",
    ),
    (
        Action::LogRetentionChanged,
        "log-retention.changed",
        "changed how long calls are kept of",
    ),
    (Action::PersonErased, "person.erased", "erased the person"),
    (
        Action::SupportSearched,
        "support.searched",
        "searched all accounts for",
    ),
    (
        Action::SupportRequested,
        "support.requested",
        "asked to look into the account",
    ),
    (
        Action::SupportOpened,
        "support.opened",
        "began to look into the account",
    ),
    (
        Action::SupportApproved,
        "support.approved",
        "let support look into the account:",
    ),
    (
        Action::SupportDeclined,
        "support.declined",
        "did not let support look into the account:",
    ),
    (
        Action::SupportRenewed,
        "support.renewed",
        "went on looking into the account",
    ),
    (
        Action::SupportEnded,
        "support.ended",
        "stopped looking into the account",
    ),
    (Action::SupportViewed, "support.viewed", "looked at"),
    (
        Action::SupportAddressesShown,
        "support.addresses-shown",
        "had the addresses of callers shown of",
    ),
    (
        Action::SupportAccessChanged,
        "support-access.changed",
        "changed who is asked before support looks into",
    ),
    (
        Action::RestoreMended,
        "restore.mended",
        "ended again what had ended before an older copy was restored of",
    ),
];
