-- What an operator sells. Limits and meters come with the catalogue.
create table plans (
    slug text constraint plans_pkey primary key,
    name text not null
);
insert into plans (slug, name) values ('standard', 'Standard');

-- A customer company. `id` is small because every log row carries it, and never leaves the
-- database; the outside knows the random `public_id` and the domain typed at sign-in.
create table accounts (
    id integer generated always as identity constraint accounts_pkey primary key,
    public_id text not null constraint accounts_public_id_key unique,
    domain text not null constraint accounts_domain_key unique
        constraint accounts_domain_format check (domain ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    customer_id text not null constraint accounts_customer_id_key unique
        constraint accounts_customer_id_length check (length(customer_id) between 1 and 64),
    name text not null constraint accounts_name_length check (length(name) between 1 and 200),
    plan text not null constraint accounts_plan_fkey references plans (slug),
    error_profile text not null default 'documented'
        constraint accounts_error_profile_known check (error_profile in ('documented', 'standard')),
    suspended_at timestamptz,
    created_at timestamptz not null
);

create table workspaces (
    account_id integer not null constraint workspaces_account_fkey references accounts (id),
    id integer generated always as identity,
    public_id text not null constraint workspaces_public_id_key unique,
    slug text not null
        constraint workspaces_slug_format check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name text not null constraint workspaces_name_length check (length(name) between 1 and 200),
    -- The Developers section of the console. Keys keep working while it is off.
    developers boolean not null default true,
    created_at timestamptz not null,
    archived_at timestamptz,
    constraint workspaces_pkey primary key (account_id, id),
    constraint workspaces_slug_key unique (account_id, slug)
);
