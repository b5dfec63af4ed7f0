-- The support desk: staff look into an account with a reason, for half an hour, and read only.

-- One row for each time somebody of support looked, or wanted to look, into an account. Its state
-- is made of its times: asked for, open until `ends_at`, over, declined.
create table support_sessions (
    account_id integer not null
        constraint support_sessions_account_fkey references accounts (id),
    id bigint generated always as identity,
    public_id text not null constraint support_sessions_public_id_key unique,
    user_id uuid not null constraint support_sessions_user_fkey references users (id),
    -- As they were called at that time.
    staff_name text not null,
    staff_email text not null,
    ticket text not null constraint support_sessions_ticket_length
        check (length(ticket) between 1 and 100),
    reason text not null constraint support_sessions_reason_length
        check (length(reason) between 1 and 50),
    note text not null default '' constraint support_sessions_note_length
        check (length(note) <= 500),
    requested_at timestamptz not null,
    -- Null while an owner has not answered.
    opened_at timestamptz,
    ends_at timestamptz,
    ended_at timestamptz,
    declined_at timestamptz,
    -- Who of the account let them in, or did not; null where nobody was asked.
    decided_by text,
    renewals integer not null default 0,
    addresses_shown_at timestamptz,
    keys_disabled integer not null default 0,
    -- The last of them.
    disabled_key text,
    disabled_key_name text,
    disabled_at timestamptz,
    constraint support_sessions_pkey primary key (account_id, id),
    constraint support_sessions_opened_until check ((opened_at is null) = (ends_at is null))
);
create unique index support_sessions_one_at_a_time on support_sessions (account_id, user_id)
    where ended_at is null and declined_at is null;
create index support_sessions_user_idx on support_sessions (user_id, id desc);

alter table support_sessions enable row level security;
create policy own_account on support_sessions to latchkey_tenant
    using (account_id = tenant_account()) with check (account_id = tenant_account());

-- Whether an owner is asked before somebody of support looks into the account.
alter table accounts add column support_asks boolean not null default false;

-- Who may also disable a key in an emergency. A column of its own: to a node one version older
-- they are support staff like the others.
alter table staff_grants add column is_lead boolean not null default false,
    add constraint staff_grants_lead_is_support check (not is_lead or role = 'support');

alter table audit_log drop constraint audit_log_actor_kind_known;
alter table audit_log add constraint audit_log_actor_kind_known
    check (actor_kind in ('person', 'key', 'system', 'support'));
create index audit_log_support_idx on audit_log (account_id, actor_id, at desc)
    where actor_kind = 'support';

-- What support staff see of an account is read as `latchkey_support`, who can change nothing and
-- sees the rows of `latchkey.account_id` only. Digests, password hashes, sessions and links are
-- nothing to look at, so the role cannot read them. A table that is made later is closed to it
-- until a migration opens it.
do $$
begin
    if not exists (select from pg_roles where rolname = 'latchkey_support') then
        create role latchkey_support nologin noinherit nobypassrls;
    end if;
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise exception 'the role latchkey_support is missing and % may not create it', current_user
            using hint = 'as a superuser: create role latchkey_support nologin noinherit; '
                'grant latchkey_support to ' || quote_ident(current_user);
end
$$;

do $$
begin
    if not pg_has_role(current_user, 'latchkey_support', 'member') then
        execute format('grant latchkey_support to %I', current_user);
    end if;
end
$$;

grant usage on schema public to latchkey_support;
do $$
declare
    opened record;
begin
    for opened in
        select c.relname, exists (
            select from pg_attribute a
            where a.attrelid = c.oid and a.attname = 'account_id' and not attisdropped
        ) as of_accounts
        from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and not c.relispartition
            and c.relname not in (
                'users', 'key_secrets', 'sessions', 'second_factors', 'recovery_codes', 'one_time_links',
                'pending_sign_ins', 'identities', 'invitations', 'service_credentials',
                'sign_in_failures', 'audit_links', 'key_changes', 'accounts', '__diesel_schema_migrations'
            )
    loop
        execute format('grant select on %I to latchkey_support', opened.relname);
        if opened.of_accounts then
            execute format('create policy supported_account on %I for select to latchkey_support '
                'using (account_id = tenant_account())', opened.relname);
        end if;
    end loop;
end
$$;
grant select on accounts to latchkey_support;
create policy supported_account on accounts for select to latchkey_support
    using (id = tenant_account());
grant select (account_id, key_id, generation, last_four, created_at, retires_at, last_used_at,
        requests, requests_before, extended_at) on key_secrets to latchkey_support;
create policy supported_account on key_secrets for select to latchkey_support
    using (account_id = tenant_account());
grant select (id, email, email_folded, name, created_at, disabled_at) on users to latchkey_support;
