-- A named grant offered when a key is made. A key keeps the version it was made with, so a later
-- version never widens it.
create table presets (
    slug text not null,
    version integer not null,
    label text not null,
    summary text not null,
    permissions text[] not null,
    created_at timestamptz not null default now(),
    constraint presets_pkey primary key (slug, version)
);
insert into presets (slug, version, label, summary, permissions) values
    ('full', 1, 'Full access', 'Every endpoint of the API. Never users, billing, settings or other keys.', '{*}');

create table api_keys (
    account_id integer not null,
    id text not null constraint api_keys_id_format check (id ~ '^[0-9A-Za-z]{12}$'),
    workspace_id integer not null,
    name text not null constraint api_keys_name_length check (length(name) between 1 and 200),
    -- NFC and lower case by Unicode's rules, which the database's C collation does not know.
    name_folded text not null,
    category text not null constraint api_keys_category_length check (length(category) between 1 and 50),
    note text not null default '' constraint api_keys_note_length check (length(note) <= 2000),
    preset text not null,
    preset_version integer not null,
    created_by uuid not null constraint api_keys_created_by_fkey references users (id),
    created_at timestamptz not null,
    expires_at timestamptz,
    disabled_at timestamptz,
    disabled_by uuid constraint api_keys_disabled_by_fkey references users (id),
    revoked_at timestamptz,
    -- Who revoked it, as the audit row says it: a person, or the key itself.
    revoked_by text,
    revoked_reason text,
    -- Made by the form; a form sent twice makes one key.
    operation uuid not null,
    version integer not null default 1,
    -- Written with the request log, so at most a few seconds behind.
    first_used_at timestamptz,
    last_used_at timestamptz,
    last_used_ip inet,
    constraint api_keys_pkey primary key (account_id, id),
    constraint api_keys_operation_key unique (account_id, operation),
    constraint api_keys_workspace_fkey
        foreign key (account_id, workspace_id) references workspaces (account_id, id),
    constraint api_keys_preset_fkey foreign key (preset, preset_version) references presets (slug, version)
);
-- The name of a revoked key is free again.
create unique index api_keys_name_key on api_keys (account_id, name_folded) where revoked_at is null;
create index api_keys_created_idx on api_keys (account_id, workspace_id, created_at desc, id desc);

-- What a key's secret is known by. A key has one current secret and, while rotating, a retiring one.
create table key_secrets (
    account_id integer not null,
    key_id text not null,
    -- 1 for the first secret of a key, one more for each rotation.
    generation smallint not null,
    -- HMAC-SHA-256 of the whole key under the pepper, which is not in this database.
    digest bytea not null constraint key_secrets_digest_length check (length(digest) = 32),
    pepper_version smallint not null,
    last_four text not null constraint key_secrets_last_four_length check (length(last_four) = 4),
    created_at timestamptz not null,
    -- When it stops working although the key lives on. Null: with the key.
    retires_at timestamptz,
    last_used_at timestamptz,
    requests bigint not null default 0,
    constraint key_secrets_pkey primary key (account_id, key_id, generation),
    constraint key_secrets_digest_key unique (account_id, digest),
    constraint key_secrets_key_fkey
        foreign key (account_id, key_id) references api_keys (account_id, id) on delete cascade
);

-- What the operator's back ends send to Latchkey's own API. Never a key.
create table service_credentials (
    id text constraint service_credentials_pkey primary key,
    name text not null constraint service_credentials_name_length check (length(name) between 1 and 200),
    digest bytea not null constraint service_credentials_digest_key unique,
    created_at timestamptz not null,
    revoked_at timestamptz
);
create unique index service_credentials_name_key on service_credentials (lower(name)) where revoked_at is null;
