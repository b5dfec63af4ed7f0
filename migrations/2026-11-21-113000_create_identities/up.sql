-- Who somebody is at Google or Microsoft. Issuer and subject are the identity; the address is what
-- the provider called the person last, to be shown and never to be looked up.
create table identities (
    id uuid constraint identities_pkey primary key,
    user_id uuid not null constraint identities_user_fkey references users (id) on delete cascade,
    provider text not null
        constraint identities_provider_known check (provider in ('google', 'microsoft')),
    issuer text not null constraint identities_issuer_length check (length(issuer) between 1 and 300),
    subject text not null
        constraint identities_subject_length check (length(subject) between 1 and 255),
    email text constraint identities_email_length check (length(email) between 1 and 254),
    linked_at timestamptz not null,
    last_used_at timestamptz,
    constraint identities_issuer_subject_key unique (issuer, subject)
);
create index identities_user_idx on identities (user_id);

-- Browsers that were sent to a provider and are not back. Each row is read once and is then gone.
-- Only the SHA-256 of the state is kept; nonce and PKCE verifier follow from it and the
-- installation's key, so that nothing here lets anybody in.
create table pending_sign_ins (
    state_digest bytea constraint pending_sign_ins_pkey primary key,
    -- SHA-256 of what only that browser holds.
    browser_digest bytea not null,
    provider text not null
        constraint pending_sign_ins_provider_known check (provider in ('google', 'microsoft')),
    -- Where somebody signs in, or else who links an identity.
    domain text,
    user_id uuid constraint pending_sign_ins_user_fkey references users (id) on delete cascade,
    next text not null constraint pending_sign_ins_next_length check (length(next) <= 2000),
    -- Of the network that asked, so that none can fill the table.
    address text not null,
    created_at timestamptz not null,
    constraint pending_sign_ins_purpose check ((domain is null) <> (user_id is null))
);
create index pending_sign_ins_address_idx on pending_sign_ins (address, created_at);
create index pending_sign_ins_created_idx on pending_sign_ins (created_at);

-- By which provider the session's person signed in; null: by password.
alter table sessions
    add column provider text
        constraint sessions_provider_known check (provider in ('google', 'microsoft'));
