//! Addresses of the console's own pages.

use form_urlencoded::Serializer;

use crate::domain::person::UserId;

/// Sign-in that leads on to `next`; `ended` says that a session is over.
pub fn sign_in_to_continue(next: &str, ended: bool) -> String {
    with_query("/sign-in", &continue_query(next, ended))
}

/// As `sign_in_to_continue`, where the company's domain is known.
pub fn sign_in_at(domain: &str, next: &str, ended: bool) -> String {
    with_query(&format!("/sign-in/{domain}"), &continue_query(next, ended))
}

/// Proving again who one is, and from there on to `next`.
pub fn confirm_identity(next: &str) -> String {
    with_query("/confirm-identity", &continue_query(next, false))
}

/// The second step of signing in.
pub fn second_step(domain: &str) -> String {
    format!("/sign-in/{domain}/second-factor")
}

pub const SECOND_FACTOR: &str = "/me/security/second-factor";
pub const SIGN_IN_RULES: &str = "/account/settings/sign-in";
/// For how long the account keeps its calls.
pub const LOG_RETENTION: &str = "/account/settings/logs";
pub const FORGOT_PASSWORD: &str = "/forgot-password";
pub const PROFILE: &str = "/me/profile";

/// The same, for somebody who has just joined by a provider.
pub const NEW_PROFILE: &str = "/me/profile?joined=1";
pub const SECURITY: &str = "/me/security";
pub const DISPLAY: &str = "/me/display";

fn continue_query(next: &str, ended: bool) -> String {
    let mut query = Serializer::new(String::new());
    if !matches!(next, "" | "/") {
        query.append_pair("next", next);
    }
    if ended {
        query.append_pair("ended", "1");
    }
    query.finish()
}

/// A link that works once.
pub fn set_up(token: &str) -> String {
    format!("/setup?token={token}")
}

/// A link that works once.
pub fn set_password(token: &str) -> String {
    format!("/set-password?token={token}")
}

/// A person's own sign-ins at Google and Microsoft.
pub const MY_SIGN_INS: &str = "/me/security/sign-ins";

/// A link that works once.
pub fn invitation(token: &str) -> String {
    format!("/invitation?token={token}")
}

/// The plan of the account, and where it went.
pub const PLAN_USAGE: &str = "/account/usage";

pub fn workspace(slug: &str) -> String {
    format!("/w/{slug}/")
}

/// The overview, which says that the workspace has no Developers pages at present.
pub fn overview_without_developers(slug: &str) -> String {
    format!("/w/{slug}/?developers=off")
}

/// Below which the pages of a workspace are; those that support staff see of it are elsewhere.
pub fn root(workspace: &str) -> String {
    format!("/w/{workspace}")
}

pub fn keys(workspace: &str) -> String {
    keys_in(&root(workspace))
}

pub fn keys_in(root: &str) -> String {
    format!("{root}/developers/keys")
}

/// The calls of all workspaces of the account.
pub const ACCOUNT_LOGS: &str = "/account/logs";

pub fn logs(workspace: &str) -> String {
    logs_in(&root(workspace))
}

pub fn logs_in(root: &str) -> String {
    format!("{root}/developers/logs")
}

pub fn usage(workspace: &str) -> String {
    usage_in(&root(workspace))
}

pub fn usage_in(root: &str) -> String {
    format!("{root}/developers/usage")
}

/// Who changed what, in all of the account.
pub const ACCOUNT_AUDIT: &str = "/account/audit";
/// In the installation.
pub const OPERATOR_AUDIT: &str = "/operator/audit";

pub fn audit(workspace: &str) -> String {
    format!("/w/{workspace}/audit")
}

pub fn operator_account(account: &str) -> String {
    format!("/operator/accounts/{account}")
}

pub fn key_policy(workspace: &str) -> String {
    format!("/w/{workspace}/settings/key-policy")
}

pub fn features(workspace: &str) -> String {
    format!("/w/{workspace}/settings/features")
}

/// All workspaces of the account.
pub const ACCOUNT_WORKSPACES: &str = "/account/workspaces";

/// Where somebody ends their own membership of the account.
pub const LEAVE: &str = "/account/leave";

/// Everybody of the account.
pub const ACCOUNT_MEMBERS: &str = "/account/members";

pub fn account_member(person: UserId) -> String {
    format!("{ACCOUNT_MEMBERS}/{person}")
}

pub fn member(workspace: &str, person: UserId) -> String {
    format!("{}/{person}", members(workspace))
}

pub fn members(workspace: &str) -> String {
    format!("/w/{workspace}/members")
}

/// The keys of one person, whatever became of them.
pub fn keys_of(workspace: &str, person: UserId) -> String {
    format!("{}?view=all&by={person}", keys(workspace))
}

/// The support desk: one field for whatever a customer pasted.
pub const SUPPORT: &str = "/support";

/// One's own looks into accounts.
pub const SUPPORT_SESSIONS: &str = "/support/sessions";

/// An account as support staff see it.
pub fn support_account(account: &str) -> String {
    format!("/support/accounts/{account}")
}

/// Where a look into it begins, and from there on to `next`.
pub fn support_open(account: &str, next: &str) -> String {
    let path = format!("{}/open", support_account(account));
    let query = Serializer::new(String::new())
        .append_pair("next", next)
        .finish();
    with_query(&path, &query)
}

/// Who of support looked into the account, to its owners.
pub const SUPPORT_ACCESS: &str = "/account/support";

pub fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}
