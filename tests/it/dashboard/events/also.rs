//! What an address writes beside the events of `TABLE` where there is reason to: keys to pass on,
//! sessions to end, a recovery code in place of one of the app.

/// Address, codes in their order.
pub const ALSO: &[(&str, &str)] = &[
    (
        "/account/leave",
        "key.disabled key.handed-over key.made-service",
    ),
    (
        "/account/members/{m}/remove",
        "key.disabled key.handed-over key.made-service session.ended",
    ),
    ("/account/settings/sign-in", "session.ended"),
    ("/account/workspaces/{workspace}/archive", "key.disabled"),
    ("/confirm-identity", "recovery-code.used"),
    ("/invitation", "member.added person.created"),
    ("/invitation/join", "member.added"),
    (
        "/invitation/join/{provider}",
        "identity.linked member.added session.ended",
    ),
    (
        "/invitation/with/{provider}",
        "identity.linked member.added person.created session.ended",
    ),
    ("/me/security/password", "session.ended"),
    ("/me/security/second-factor", "session.ended"),
    ("/me/security/second-factor/codes", "recovery-code.used"),
    (
        "/me/security/second-factor/remove",
        "recovery-code.used session.ended",
    ),
    ("/me/security/sign-ins/{identity}/unlink", "session.ended"),
    ("/operator/staff/{staff}/remove", "session.ended"),
    ("/set-password", "session.ended"),
    ("/sign-in/{domain}", "session.ended"),
    (
        "/sign-in/{domain}/second-factor",
        "recovery-code.used session.ended",
    ),
    ("/sign-in/{domain}/{provider}", "session.ended"),
    ("/support/accounts/{a}/open", "support.requested"),
    ("/w/{w}/developers/keys/{k}/delete", "key.enabled"),
    (
        "/w/{w}/members/{m}/remove",
        "key.disabled key.handed-over key.made-service",
    ),
    ("/w/{w}/settings/features", "developers.switched-on"),
];
