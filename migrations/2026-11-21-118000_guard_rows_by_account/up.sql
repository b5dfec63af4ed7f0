-- The second line behind the queries, which name their account themselves: what a page of an
-- account asks is asked as `latchkey_tenant`, who sees the rows of `latchkey.account_id` and, where
-- that is not set, none. The owner of the tables, as whom workers and the operator's pages ask, is
-- not held by it; nor is a node one version older.
--
-- A role belongs to the whole cluster: another database may have made it, also at this moment.
do $$
begin
    if not exists (select from pg_roles where rolname = 'latchkey_tenant') then
        create role latchkey_tenant nologin noinherit nobypassrls;
    end if;
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise exception 'the role latchkey_tenant is missing and % may not create it', current_user
            using hint = 'as a superuser: create role latchkey_tenant nologin noinherit; '
                'grant latchkey_tenant to ' || quote_ident(current_user);
end
$$;

do $$
begin
    if not pg_has_role(current_user, 'latchkey_tenant', 'member') then
        execute format('grant latchkey_tenant to %I', current_user);
    end if;
end
$$;

grant usage on schema public to latchkey_tenant;
grant select, insert, update, delete on all tables in schema public to latchkey_tenant;
grant usage, select on all sequences in schema public to latchkey_tenant;
alter default privileges in schema public
    grant select, insert, update, delete on tables to latchkey_tenant;
alter default privileges in schema public grant usage, select on sequences to latchkey_tenant;

-- Null where nothing is set, and nothing is equal to null.
create function tenant_account() returns integer
    language sql stable parallel safe
    return nullif(current_setting('latchkey.account_id', true), '')::integer;

-- Every table with the column is guarded but these: `sessions` is read before the account is known,
-- `key_changes` are the news that nodes follow.
do $$
declare
    guarded text;
begin
    for guarded in
        select c.relname from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id' and not attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and not c.relispartition and c.relname not in ('sessions', 'key_changes')
    loop
        execute format('alter table %I enable row level security', guarded);
        execute format('create policy own_account on %I to latchkey_tenant '
            'using (account_id = tenant_account()) '
            'with check (account_id = tenant_account())', guarded);
    end loop;
    -- A day of the log is reached through the log only.
    for guarded in
        select relname from pg_class
        where relispartition and relkind = 'r' and relnamespace = 'public'::regnamespace
    loop
        execute format('alter table %I enable row level security', guarded);
    end loop;
end
$$;

alter table accounts enable row level security;
create policy own_account on accounts to latchkey_tenant
    using (id = tenant_account()) with check (id = tenant_account());

-- A pattern is not matched by an index before rows are judged, so the match is made as the owner.
-- It gives away ids only, and whoever looks their rows up is judged then.
create function keys_named_like(account integer, workspace integer, pattern text)
    returns setof text
    language sql stable security definer set search_path = public
    as 'select id from api_keys
        where account_id = account and workspace_id = workspace and name_folded like pattern';
