drop function keys_named_like (integer, integer, text);
do $$
declare
    guarded record;
begin
    for guarded in
        select tablename from pg_policies where schemaname = 'public' and policyname = 'own_account'
    loop
        execute format('drop policy own_account on %I', guarded.tablename);
    end loop;
    for guarded in
        select relname from pg_class
        where relrowsecurity and relnamespace = 'public'::regnamespace
    loop
        execute format('alter table %I disable row level security', guarded.relname);
    end loop;
end
$$;
drop function tenant_account ();
alter default privileges in schema public
    revoke select, insert, update, delete on tables from latchkey_tenant;
alter default privileges in schema public revoke usage, select on sequences from latchkey_tenant;
revoke all on all tables in schema public from latchkey_tenant;
revoke all on all sequences in schema public from latchkey_tenant;
revoke usage on schema public from latchkey_tenant;
-- The role stays: another database of the cluster may use it.
