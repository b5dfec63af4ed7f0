do $$
declare
    opened record;
begin
    for opened in
        select tablename from pg_policies
        where schemaname = 'public' and policyname = 'supported_account'
    loop
        execute format('drop policy supported_account on %I', opened.tablename);
    end loop;
end
$$;
revoke all on all tables in schema public from latchkey_support;
revoke usage on schema public from latchkey_support;
-- The role stays: another database of the cluster may use it.
drop index audit_log_support_idx;
alter table audit_log drop constraint audit_log_actor_kind_known;
-- What they did stays, as done by people.
update audit_log set actor_kind = 'person' where actor_kind = 'support';
alter table audit_log add constraint audit_log_actor_kind_known
    check (actor_kind in ('person', 'key', 'system'));
alter table staff_grants drop constraint staff_grants_lead_is_support, drop column is_lead;
alter table accounts drop column support_asks;
drop table support_sessions;
