//! What the walk does, in its order.

use crate::support::app::PASSWORD;

/// A form that is filled in.
pub struct Deed {
    pub path: &'static str,
    /// Statements that make what it takes.
    pub before: &'static str,
    /// The one thing that the address names, beside the workspace: as `line`.
    pub subject: &'static str,
    /// Beside what the form holds.
    pub fields: &'static [(&'static str, &'static str)],
}

const fn deed(
    path: &'static str,
    subject: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> Deed {
    Deed {
        path,
        before: "",
        subject,
        fields,
    }
}

const KEY: &str = "select id as line from api_keys where name like 'Walked%'";
const INVITED: &str = "select id::text as line from invitations";
const MEMBER: &str = "select id::text as line from users where email = 'm1@acme.example'";
const HERE: &str = "select id::text as line from users where email = 'm2@acme.example'";
const STAGING: &str = "select slug as line from workspaces where slug = 'staging'";
const GLOBEX: &str = "select public_id as line from accounts where domain = 'globex'";
const CREDENTIAL: &str = "select id as line from service_credentials";
const STAFF: &str = "select id::text as line from users where email = 'new@ops.example'";

/// A member of the account and of its first workspace.
const A_MEMBER: &str = "
    with made as (
        insert into users (id, email, email_folded, name, created_at) values
            (gen_random_uuid(), 'm1@acme.example', 'm1@acme.example', 'One', '2026-11-01'),
            (gen_random_uuid(), 'm2@acme.example', 'm2@acme.example', 'Two', '2026-11-01')
        returning id
    ), joined as (
        insert into memberships (account_id, user_id, role, created_at)
        select a.id, made.id, 'member', '2026-11-01' from made, accounts a where domain = 'acme'
    )
    insert into workspace_memberships (account_id, workspace_id, user_id, role, created_at)
    select w.account_id, w.id, made.id, 'viewer', '2026-11-01' from made, workspaces w
     where w.slug = 'default'";

pub const DEEDS: &[Deed] = &[
    deed("/sign-in", "", &[("domain", "acme")]),
    deed("/me/display", "", &[("theme", "dark")]),
    deed("/me/profile", "", &[("name", "Grace Hopper")]),
    deed(
        "/account/members/invite",
        "",
        &[("email", "new@acme.example"), ("role", "member")],
    ),
    Deed {
        // Not twice within a minute.
        before: "update invitations set sent_at = sent_at - interval '1 day'",
        ..deed("/account/members/invitations/{i}/resend", INVITED, &[])
    },
    deed("/account/members/invitations/{i}/withdraw", INVITED, &[]),
    Deed {
        before: A_MEMBER,
        ..deed(
            "/account/members/{m}/role",
            MEMBER,
            &[("was", "member"), ("role", "admin")],
        )
    },
    deed("/account/members/{m}/remove", MEMBER, &[]),
    deed(
        "/w/{w}/members/{m}/role",
        HERE,
        &[("was", "viewer"), ("role", "developer")],
    ),
    deed("/w/{w}/members/{m}/remove", HERE, &[]),
    deed(
        "/account/settings/logs",
        "",
        &[("days", "7"), ("confirmed", "yes")],
    ),
    deed("/account/workspaces/new", "", &[("name", "Staging")]),
    deed(
        "/account/workspaces/{workspace}",
        STAGING,
        &[("name", "Stage")],
    ),
    deed("/account/workspaces/{workspace}/archive", STAGING, &[]),
    deed("/account/workspaces/{workspace}/restore", STAGING, &[]),
    deed("/confirm-identity", "", &[("password", PASSWORD)]),
    deed(
        "/w/{w}/developers/keys/new",
        "",
        &[("name", "Walked"), ("scope", "full"), ("expires", "90d")],
    ),
    deed(
        "/w/{w}/developers/keys/{k}/edit",
        KEY,
        &[("name", "Walked on")],
    ),
    deed("/w/{w}/developers/keys/{k}/disable", KEY, &[]),
    deed("/w/{w}/developers/keys/{k}/enable", KEY, &[]),
    deed(
        "/w/{w}/developers/keys/{k}/rotate",
        KEY,
        &[("overlap", "24h")],
    ),
    deed("/w/{w}/developers/keys/{k}/extend-overlap", KEY, &[]),
    deed("/w/{w}/developers/keys/{k}/end-overlap", KEY, &[]),
    deed("/w/{w}/developers/keys/{k}/delete", KEY, &[]),
    Deed {
        before: "insert into api_keys (account_id, id, workspace_id, name, name_folded, category,
                preset, preset_version, created_by, created_at, operation)
            select account_id, '0123456789ab', id, 'Walked', 'walked', '', 'full', 1,
                (select id from users where email = 'owner@acme.example'), '2026-11-01',
                gen_random_uuid() from workspaces where slug = 'default' limit 1;
            insert into key_secrets (account_id, key_id, generation, digest, pepper_version,
                last_four, created_at)
            select account_id, id, 1, sha256('a'), 1, 'abcd', '2026-11-01' from api_keys",
        ..deed("/w/{w}/developers/keys/{k}/revoke", KEY, &[])
    },
    deed("/w/{w}/settings/key-policy", "", &[("creators", "admins")]),
    deed("/w/{w}/settings/features", "", &[("developers", "off")]),
    deed(
        "/operator/accounts/new",
        "",
        &[
            ("name", "Globex"),
            ("domain", "globex"),
            ("owner_email", "owner@globex.example"),
            ("owner_name", "Owner"),
            ("plan", "standard"),
        ],
    ),
    deed(
        "/operator/accounts/{account}",
        GLOBEX,
        &[("profile", "standard")],
    ),
    deed("/operator/accounts/{account}/suspend", GLOBEX, &[]),
    deed("/operator/accounts/{account}/unsuspend", GLOBEX, &[]),
    deed("/operator/credentials/new", "", &[("name", "gateway")]),
    deed("/operator/credentials/{credential}/revoke", CREDENTIAL, &[]),
    deed(
        "/operator/staff/new",
        "",
        &[
            ("email", "new@ops.example"),
            ("name", "New"),
            ("role", "support"),
        ],
    ),
    deed("/operator/staff/{staff}/remove", STAFF, &[]),
    deed(
        "/me/security/password",
        "",
        &[
            ("current_password", PASSWORD),
            ("password", "another horse in the battery"),
        ],
    ),
    // The last, since it holds for who changes it too.
    deed(
        "/account/settings/sign-in",
        "",
        &[("second_factor", "required"), ("required_provider", "none")],
    ),
];
