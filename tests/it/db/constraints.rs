//! The named constraints of people, accounts and sessions: each refuses the row that tries it.

use diesel::RunQueryDsl;
use latchkey::db::DbError;

use crate::support::db::TestDb;

const PEOPLE: &str = "
    insert into users (id, email, email_folded, name, created_at) values
        ('00000000-0000-0000-0000-000000000001', 'a@b.example', 'a@b.example', 'A', now());
    insert into accounts (public_id, domain, customer_id, name, plan, created_at) values
        ('acc_1', 'acme', 'acme', 'Acme', 'standard', now());
    insert into workspaces (account_id, public_id, slug, name, created_at)
        select id, 'ws_1', 'default', 'Default', now() from accounts;
    insert into memberships (account_id, user_id, role, created_at)
        select a.id, u.id, 'owner', now() from accounts a, users u;
    insert into sessions (id_digest, user_id, account_id, state, created_at, last_seen_at)
        select '\\x01', u.id, a.id, '{}', now(), now() from accounts a, users u;
    insert into one_time_links (token_digest, purpose, created_at, expires_at)
        values ('\\x01', 'setup', now(), now());
    insert into sign_in_failures values ('email', 'a', 1, now(), now());
    insert into staff_grants select id, 'support', now() from users;";

const BROKEN: [(&str, &str); 24] = [
    (
        "accounts_domain_key",
        "insert into accounts (public_id, domain, customer_id, name, plan, created_at) values ('acc_2', 'acme', 'x', 'X', 'standard', now())",
    ),
    (
        "accounts_public_id_key",
        "insert into accounts (public_id, domain, customer_id, name, plan, created_at) values ('acc_1', 'x', 'x', 'X', 'standard', now())",
    ),
    (
        "accounts_customer_id_key",
        "insert into accounts (public_id, domain, customer_id, name, plan, created_at) values ('acc_2', 'x', 'acme', 'X', 'standard', now())",
    ),
    (
        "accounts_domain_format",
        "update accounts set domain = 'Not a label'",
    ),
    (
        "accounts_customer_id_length",
        "update accounts set customer_id = ''",
    ),
    ("accounts_name_length", "update accounts set name = ''"),
    ("accounts_plan_fkey", "update accounts set plan = 'none'"),
    (
        "accounts_error_profile_known",
        "update accounts set error_profile = 'none'",
    ),
    (
        "workspaces_slug_key",
        "insert into workspaces (account_id, public_id, slug, name, created_at) select account_id, 'ws_2', slug, name, created_at from workspaces",
    ),
    (
        "workspaces_public_id_key",
        "insert into workspaces (account_id, public_id, slug, name, created_at) select account_id, public_id, 'x', name, created_at from workspaces",
    ),
    ("workspaces_slug_format", "update workspaces set slug = '-'"),
    ("workspaces_name_length", "update workspaces set name = ''"),
    (
        "users_email_folded_key",
        "insert into users (id, email, email_folded, name, created_at) values (gen_random_uuid(), 'A@b.example', 'a@b.example', 'A', now())",
    ),
    ("users_email_length", "update users set email = 'a'"),
    ("users_name_length", "update users set name = ''"),
    (
        "memberships_role_known",
        "update memberships set role = 'none'",
    ),
    (
        "memberships_pkey",
        "insert into memberships select * from memberships",
    ),
    (
        "workspace_memberships_role_known",
        "insert into workspace_memberships select w.account_id, w.id, u.id, 'none', now() from workspaces w, users u",
    ),
    (
        "workspace_memberships_membership_fkey",
        "with gone as (insert into users (id, email, email_folded, name, created_at) values (gen_random_uuid(), 'c@d.example', 'c@d.example', 'C', now()) returning id) insert into workspace_memberships select w.account_id, w.id, gone.id, 'viewer', now() from workspaces w, gone",
    ),
    (
        "staff_grants_role_known",
        "update staff_grants set role = 'none'",
    ),
    (
        "one_time_links_purpose_known",
        "update one_time_links set purpose = 'none'",
    ),
    (
        "sessions_account_fkey",
        "update sessions set account_id = -1",
    ),
    (
        "sessions_user_fkey",
        "update sessions set user_id = gen_random_uuid()",
    ),
    (
        "sign_in_failures_scope_known",
        "update sign_in_failures set scope = 'none'",
    ),
];

#[test]
fn each_refuses_what_it_is_there_for() {
    let db = TestDb::new();
    db.execute(PEOPLE);
    let mut conn = db.connection();
    for (constraint, statement) in BROKEN {
        let refused = diesel::sql_query(statement).execute(&mut conn);
        let error = DbError::from(refused.expect_err(constraint));
        assert!(error.is_conflict_on(constraint), "{constraint}: {error}");
    }
}
