-- A person. One person may be a member of several accounts, with one password.
create table users (
    id uuid constraint users_pkey primary key,
    email text not null constraint users_email_length check (length(email) between 3 and 254),
    -- Trimmed, NFC, lower case: another spelling of the same address is the same person.
    email_folded text not null constraint users_email_folded_key unique,
    name text not null constraint users_name_length check (length(name) between 1 and 200),
    -- An argon2id PHC string; null until the person has set a password.
    password_hash text,
    created_at timestamptz not null,
    disabled_at timestamptz
);

create table memberships (
    account_id integer not null constraint memberships_account_fkey references accounts (id),
    user_id uuid not null constraint memberships_user_fkey references users (id),
    role text not null constraint memberships_role_known check (role in ('owner', 'admin', 'member')),
    created_at timestamptz not null,
    constraint memberships_pkey primary key (account_id, user_id)
);
create index memberships_user_idx on memberships (user_id);

create table workspace_memberships (
    account_id integer not null,
    workspace_id integer not null,
    user_id uuid not null,
    role text not null
        constraint workspace_memberships_role_known check (role in ('admin', 'developer', 'viewer')),
    created_at timestamptz not null,
    constraint workspace_memberships_pkey primary key (account_id, workspace_id, user_id),
    constraint workspace_memberships_workspace_fkey
        foreign key (account_id, workspace_id) references workspaces (account_id, id),
    constraint workspace_memberships_membership_fkey
        foreign key (account_id, user_id) references memberships (account_id, user_id)
        on delete cascade
);

-- People of the company that runs Latchkey.
create table staff_grants (
    user_id uuid constraint staff_grants_pkey primary key
        constraint staff_grants_user_fkey references users (id),
    role text not null constraint staff_grants_role_known check (role in ('operator', 'support')),
    created_at timestamptz not null
);

-- Links that work once: set-up of an empty installation, choosing a password.
-- Only the SHA-256 of the token is kept.
create table one_time_links (
    token_digest bytea constraint one_time_links_pkey primary key,
    purpose text not null
        constraint one_time_links_purpose_known check (purpose in ('setup', 'set-password')),
    user_id uuid constraint one_time_links_user_fkey references users (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);

-- A browser session. The cookie holds a random id, this table its SHA-256, so that a stolen dump
-- opens no session.
create table sessions (
    id_digest bytea constraint sessions_pkey primary key,
    user_id uuid constraint sessions_user_fkey references users (id) on delete cascade,
    state jsonb not null,
    created_at timestamptz not null,
    last_seen_at timestamptz not null
);
create index sessions_user_idx on sessions (user_id);
create index sessions_last_seen_idx on sessions (last_seen_at);

-- Failed sign-ins, per e-mail and per address, forgotten 15 minutes after the last one.
create table sign_in_failures (
    scope text not null constraint sign_in_failures_scope_known check (scope in ('email', 'address')),
    subject text not null,
    failures integer not null,
    first_failed_at timestamptz not null,
    last_failed_at timestamptz not null,
    constraint sign_in_failures_pkey primary key (scope, subject)
);
