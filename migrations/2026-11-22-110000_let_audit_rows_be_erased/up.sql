-- Who is in the audit log can be erased, and the chains stay as they are. A row has three parts
-- that may be about people: who did it (label and address), to what (the label), and the facts
-- (before, after, reason). Of each its link hashes a digest only, made with a salt of the part's
-- own. To erase a part is to empty it, to keep its digest, and to forget its salt: nobody can find
-- out any more, by trying, what it was.
--
-- Rows from before have no salts, and the text that they were hashed by. The defaults are set
-- afterwards, so that they get none; a node one version older writes rows that have them.
alter table audit_log
    add column actor_salt uuid,
    add column actor_digest bytea
        constraint audit_log_actor_digest_length check (octet_length(actor_digest) = 32),
    add column target_salt uuid,
    add column target_digest bytea
        constraint audit_log_target_digest_length check (octet_length(target_digest) = 32),
    add column facts_salt uuid,
    add column facts_digest bytea
        constraint audit_log_facts_digest_length check (octet_length(facts_digest) = 32);
alter table audit_log
    alter column actor_salt set default gen_random_uuid(),
    alter column target_salt set default gen_random_uuid(),
    alter column facts_salt set default gen_random_uuid();

-- What was erased, and when whom was: `erasure` is whom the event `person.erased` is about, which
-- holds a digest over these rows.
create table audit_erasures (
    entry bigint not null,
    part text not null
        constraint audit_erasures_part_known check (part in ('actor', 'target', 'facts')),
    erasure uuid not null,
    constraint audit_erasures_pkey primary key (entry, part)
);
create index audit_erasures_erasure_idx on audit_erasures (erasure, entry, part);
revoke all on audit_erasures from latchkey_tenant;

-- A part's digest: the one that was kept, where there is no salt to make it with.
create function audit_part(kept bytea, salt uuid, part jsonb) returns bytea
    language sql stable
    return case when salt is null then kept
        else sha256(uuid_send(salt) || convert_to(part::text, 'UTF8')) end;

-- `latchkey audit verify` makes the same text by itself.
create or replace function audit_log_text(entry audit_log) returns text
    language sql stable
    return case
        when num_nonnulls(entry.actor_salt, entry.actor_digest, entry.target_salt,
            entry.target_digest, entry.facts_salt, entry.facts_digest) = 0
        then jsonb_build_array('v1', entry.id, entry.public_id, entry.account_id,
            entry.workspace_id, (extract(epoch from entry.at) * 1000000)::bigint, entry.actor_kind,
            entry.actor_id, entry.actor_label, entry.action, entry.target_kind, entry.target_id,
            entry.target_label, entry.before, entry.after, entry.reason, entry.ip::text,
            entry.request_id)::text
        else jsonb_build_array('v2', entry.id, entry.public_id, entry.account_id,
            entry.workspace_id, (extract(epoch from entry.at) * 1000000)::bigint, entry.actor_kind,
            entry.actor_id, encode(audit_part(entry.actor_digest, entry.actor_salt,
                jsonb_build_array('actor', entry.actor_label, entry.ip::text)), 'hex'),
            entry.action, entry.target_kind, entry.target_id,
            encode(audit_part(entry.target_digest, entry.target_salt,
                jsonb_build_array('target', entry.target_label)), 'hex'),
            encode(audit_part(entry.facts_digest, entry.facts_salt,
                jsonb_build_array('facts', entry.before, entry.after, entry.reason)), 'hex'),
            entry.request_id)::text
        end;

-- The one change to a row that is let through: parts of it are erased, and nothing else.
create function refuse_audit_change_but_erasing() returns trigger language plpgsql as $$
declare
    erased audit_log := old;
begin
    if old.actor_salt is not null and new.actor_salt is null then
        erased.actor_digest := audit_part(null, old.actor_salt,
            jsonb_build_array('actor', old.actor_label, old.ip::text));
        erased.actor_salt := null;
        erased.actor_label := 'erased person';
        erased.ip := null;
    end if;
    if old.target_salt is not null and new.target_salt is null then
        erased.target_digest := audit_part(null, old.target_salt,
            jsonb_build_array('target', old.target_label));
        erased.target_salt := null;
        erased.target_label := 'erased person';
    end if;
    if old.facts_salt is not null and new.facts_salt is null then
        erased.facts_digest := audit_part(null, old.facts_salt,
            jsonb_build_array('facts', old.before, old.after, old.reason));
        erased.facts_salt := null;
        erased.before := null;
        erased.after := null;
        erased.reason := null;
    end if;
    -- As text: numbers that are equal may be written differently.
    if erased::text = old::text or new::text <> erased::text then
        raise exception 'the audit log is only ever added to';
    end if;
    return new;
end
$$;
drop trigger audit_log_append_only on audit_log;
create trigger audit_log_append_only before delete or truncate on audit_log
    for each statement execute function refuse_audit_change();
create trigger audit_log_erased_only before update on audit_log
    for each row execute function refuse_audit_change_but_erasing();
create trigger audit_erasures_append_only before update or delete or truncate on audit_erasures
    for each statement execute function refuse_audit_change();
