-- Each account's part of the audit log is a chain, and so is the operator's, which has the number
-- 0: a link holds the hash of its row together with that of the link before it, so that a row
-- which is changed, taken out, added or moved breaks the chain where it stands.
--
-- Links are made by the database when a transaction ends, whoever wrote the rows: a node one
-- version older needs to know nothing of them.
alter table audit_log add column public_id uuid not null default gen_random_uuid();
create unique index audit_log_public_id_idx on audit_log (public_id);
create index audit_log_at_idx on audit_log (at desc, id desc);
create index audit_log_workspace_idx on audit_log (account_id, workspace_id, at desc, id desc);
create index audit_log_action_idx on audit_log (account_id, action, at desc, id desc);
create index audit_log_actor_idx on audit_log (account_id, actor_label, at desc, id desc);
create index audit_log_target_at_idx on audit_log (account_id, target_id, at desc, id desc);

create table audit_links (
    chain integer not null,
    seq bigint not null constraint audit_links_seq_positive check (seq > 0),
    entry bigint not null constraint audit_links_entry_key unique,
    hash bytea not null constraint audit_links_hash_length check (octet_length(hash) = 32),
    constraint audit_links_pkey primary key (chain, seq)
);

-- What is hashed of a row. `latchkey audit verify` makes the same text by itself.
create function audit_log_text(entry audit_log) returns text
    language sql stable
    return jsonb_build_array('v1', entry.id, entry.public_id, entry.account_id, entry.workspace_id,
        (extract(epoch from entry.at) * 1000000)::bigint, entry.actor_kind, entry.actor_id,
        entry.actor_label, entry.action, entry.target_kind, entry.target_id, entry.target_label,
        entry.before, entry.after, entry.reason, entry.ip::text, entry.request_id)::text;

-- One writer of a chain at a time, from here to the end of its transaction.
create function link_audit_entry() returns trigger
    language plpgsql security definer set search_path = public as $$
declare
    of_chain integer := coalesce(new.account_id, 0);
    last audit_links;
begin
    perform pg_advisory_xact_lock(1818454625, of_chain);
    select * into last from audit_links where chain = of_chain order by seq desc limit 1;
    insert into audit_links (chain, seq, entry, hash)
    values (of_chain, coalesce(last.seq, 0) + 1, new.id,
        sha256(coalesce(last.hash, '\x') || convert_to(audit_log_text(new), 'UTF8')));
    return null;
end
$$;

do $$
declare
    entry audit_log;
    last audit_links;
begin
    for entry in select * from audit_log order by coalesce(account_id, 0), id loop
        if last.chain is distinct from coalesce(entry.account_id, 0) then
            last := null;
        end if;
        insert into audit_links (chain, seq, entry, hash)
        values (coalesce(entry.account_id, 0), coalesce(last.seq, 0) + 1, entry.id,
            sha256(coalesce(last.hash, '\x') || convert_to(audit_log_text(entry), 'UTF8')))
        returning * into last;
    end loop;
end
$$;

create constraint trigger audit_log_linked after insert on audit_log
    deferrable initially deferred for each row execute function link_audit_entry();

-- Nobody's hand slips. Who owns the tables can take these away, and is found out by the chain.
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is only ever added to';
end
$$;
create trigger audit_log_append_only before update or delete or truncate on audit_log
    for each statement execute function refuse_audit_change();
create trigger audit_links_append_only before update or delete or truncate on audit_links
    for each statement execute function refuse_audit_change();
revoke update, delete on audit_log from latchkey_tenant;
revoke all on audit_links from latchkey_tenant;
