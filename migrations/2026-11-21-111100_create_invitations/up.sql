-- Who was asked to join an account. Until they accept, they are nobody there: nodes and sessions
-- look at memberships only. The token is in a letter; only its SHA-256 is here.
create table invitations (
    account_id integer not null constraint invitations_account_fkey references accounts (id),
    id uuid not null,
    email text not null constraint invitations_email_length check (length(email) between 3 and 254),
    email_folded text not null,
    role text not null
        constraint invitations_role_known check (role in ('owner', 'admin', 'member')),
    token_digest bytea not null constraint invitations_token_digest_key unique,
    invited_by uuid not null constraint invitations_invited_by_fkey references users (id),
    created_at timestamptz not null,
    -- The last time; the token is of that time.
    sent_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    withdrawn_at timestamptz,
    constraint invitations_pkey primary key (account_id, id),
    constraint invitations_one_end check (accepted_at is null or withdrawn_at is null)
);
create unique index invitations_open_key on invitations (account_id, email_folded)
    where accepted_at is null and withdrawn_at is null;

-- The workspaces that open with it.
create table invitation_workspaces (
    account_id integer not null,
    invitation_id uuid not null,
    workspace_id integer not null,
    role text not null
        constraint invitation_workspaces_role_known check (role in ('admin', 'developer', 'viewer')),
    constraint invitation_workspaces_pkey primary key (account_id, invitation_id, workspace_id),
    constraint invitation_workspaces_invitation_fkey
        foreign key (account_id, invitation_id) references invitations (account_id, id)
        on delete cascade,
    constraint invitation_workspaces_workspace_fkey
        foreign key (account_id, workspace_id) references workspaces (account_id, id)
);
