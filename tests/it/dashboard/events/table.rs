//! Which events each address writes.

/// Where it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// By the walk beside this.
    Walked,
    /// It takes more than a form: by the tests of this module, which name each code.
    By(&'static str),
}

use Proof::By;
use Proof::Walked;

/// Address, codes in their order, proof; `ALSO` has what comes along at times. What ends at a
/// provider's callback is told at the address where it begins. No code: it changes nothing that anybody else could ask
/// about.
pub const TABLE: &[(&str, &str, Proof)] = &[
    (
        "/account/leave",
        "member.removed session.ended",
        By("dashboard::members::leave"),
    ),
    (
        "/account/members/invitations/{i}/resend",
        "invitation.resent",
        Walked,
    ),
    (
        "/account/members/invitations/{i}/withdraw",
        "invitation.withdrawn",
        Walked,
    ),
    ("/account/members/invite", "invitation.sent", Walked),
    ("/account/members/{m}/remove", "member.removed", Walked),
    ("/account/members/{m}/role", "member.role-changed", Walked),
    ("/account/settings/logs", "log-retention.changed", Walked),
    ("/account/settings/sign-in", "sign-in-rules.changed", Walked),
    (
        "/account/support/settings",
        "support-access.changed",
        By("dashboard::support::owners"),
    ),
    (
        "/account/support/{s}/approve",
        "support.approved",
        By("dashboard::support::owners"),
    ),
    (
        "/account/support/{s}/decline",
        "support.declined",
        By("dashboard::support::owners"),
    ),
    ("/account/workspaces/new", "workspace.created", Walked),
    (
        "/account/workspaces/{workspace}",
        "workspace.updated",
        Walked,
    ),
    (
        "/account/workspaces/{workspace}/archive",
        "workspace.archived",
        Walked,
    ),
    (
        "/account/workspaces/{workspace}/restore",
        "workspace.restored",
        Walked,
    ),
    ("/confirm-identity", "session.confirmed", Walked),
    (
        "/confirm-identity/{provider}",
        "session.confirmed",
        By("dashboard::providers::confirm"),
    ),
    (
        "/forgot-password",
        "password.reset-asked",
        By("dashboard::forgot_password"),
    ),
    (
        "/invitation",
        "invitation.accepted",
        By("dashboard::members::invite"),
    ),
    (
        "/invitation/join",
        "invitation.accepted session.ended",
        By("dashboard::members::invite"),
    ),
    (
        "/invitation/join/{provider}",
        "invitation.accepted session.started",
        By("dashboard::providers::invited"),
    ),
    (
        "/invitation/with/{provider}",
        "invitation.accepted session.started",
        By("dashboard::providers::invited"),
    ),
    ("/me/display", "", Walked),
    ("/me/profile", "person.updated", Walked),
    (
        "/me/security/end-sessions",
        "session.ended",
        By("dashboard::me"),
    ),
    (
        "/me/security/password",
        "password.set session.confirmed",
        Walked,
    ),
    (
        "/me/security/second-factor",
        "second-factor.added session.confirmed",
        By("dashboard::second_factor"),
    ),
    (
        "/me/security/second-factor/codes",
        "recovery-codes.made",
        By("dashboard::second_factor"),
    ),
    (
        "/me/security/second-factor/remove",
        "second-factor.removed session.confirmed",
        By("dashboard::second_factor"),
    ),
    (
        "/me/security/sessions/{session}/end",
        "session.ended",
        By("dashboard::me"),
    ),
    (
        "/me/security/sign-ins/link/{provider}",
        "identity.linked",
        By("dashboard::providers::link"),
    ),
    (
        "/me/security/sign-ins/{identity}/unlink",
        "identity.unlinked",
        By("dashboard::providers::link"),
    ),
    (
        "/operator/accounts/new",
        "account.created link.created member.added person.created workspace.created",
        Walked,
    ),
    ("/operator/accounts/{account}", "account.updated", Walked),
    (
        "/operator/accounts/{account}/suspend",
        "account.suspended",
        Walked,
    ),
    (
        "/operator/accounts/{account}/unsuspend",
        "account.resumed",
        Walked,
    ),
    (
        "/operator/blocks/lift",
        "ip-block.lifted",
        By("dashboard::blocks"),
    ),
    (
        "/operator/credentials/new",
        "service-credential.created",
        Walked,
    ),
    (
        "/operator/credentials/{credential}/revoke",
        "service-credential.revoked",
        Walked,
    ),
    (
        "/operator/staff/new",
        "link.created person.created staff.granted",
        Walked,
    ),
    ("/operator/staff/{staff}/remove", "staff.revoked", Walked),
    (
        "/set-password",
        "password.set",
        By("dashboard::forgot_password"),
    ),
    (
        "/setup",
        "account.created member.added person.created session.started staff.granted workspace.created",
        By("dashboard::set_up"),
    ),
    ("/sign-in", "", Walked),
    (
        "/sign-in/{domain}",
        "session.started",
        By("dashboard::sign_in"),
    ),
    (
        "/sign-in/{domain}/second-factor",
        "session.started",
        By("dashboard::second_factor"),
    ),
    (
        "/sign-in/{domain}/{provider}",
        "session.started",
        By("dashboard::providers::sign_in"),
    ),
    ("/sign-out", "session.ended", By("dashboard::sessions")),
    (
        "/support/accounts/{a}/addresses",
        "support.addresses-shown",
        By("dashboard::support::pages"),
    ),
    (
        "/support/accounts/{a}/end",
        "support.ended",
        By("dashboard::support::sessions"),
    ),
    (
        "/support/accounts/{a}/open",
        "support.opened",
        By("dashboard::support::sessions"),
    ),
    (
        "/support/accounts/{a}/renew",
        "support.renewed",
        By("dashboard::support::sessions"),
    ),
    (
        "/support/accounts/{a}/w/{w}/developers/keys/{k}/emergency-disable",
        "key.disabled",
        By("dashboard::support::emergency"),
    ),
    ("/w/{w}/developers/keys/new", "key.created", Walked),
    (
        "/w/{w}/developers/keys/{action:disable|revoke}",
        "key.disabled key.revoked",
        By("dashboard::keys::bulk"),
    ),
    (
        "/w/{w}/developers/keys/{k}/delete",
        "key.deleted key.disabled",
        Walked,
    ),
    ("/w/{w}/developers/keys/{k}/disable", "key.disabled", Walked),
    ("/w/{w}/developers/keys/{k}/edit", "key.updated", Walked),
    ("/w/{w}/developers/keys/{k}/enable", "key.enabled", Walked),
    (
        "/w/{w}/developers/keys/{k}/end-overlap",
        "key.overlap-ended",
        Walked,
    ),
    (
        "/w/{w}/developers/keys/{k}/extend-overlap",
        "key.overlap-extended",
        Walked,
    ),
    (
        "/w/{w}/developers/keys/{k}/preset",
        "key.updated",
        By("dashboard::keys::preset_update"),
    ),
    ("/w/{w}/developers/keys/{k}/revoke", "key.revoked", Walked),
    ("/w/{w}/developers/keys/{k}/rotate", "key.rotated", Walked),
    ("/w/{w}/members/{m}/remove", "member.removed", Walked),
    ("/w/{w}/members/{m}/role", "member.role-changed", Walked),
    (
        "/w/{w}/settings/features",
        "developers.switched-off",
        Walked,
    ),
    ("/w/{w}/settings/key-policy", "key-policy.changed", Walked),
];
