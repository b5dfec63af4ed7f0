-- The news that every node's mirror follows. A row says *what* changed; the node reads it anew.
-- Sequence order must be commit order, or a node could skip a row that commits late under a low
-- number: writers take one advisory lock before they draw the number and hold it to their commit.
create table key_changes (
    seq bigint generated always as identity constraint key_changes_pkey primary key,
    kind text not null constraint key_changes_kind_known
        check (kind in ('account', 'workspace', 'person', 'preset', 'key', 'service_credential')),
    account_id integer,
    subject text not null,
    at timestamptz not null default now()
);
create index key_changes_at_idx on key_changes (at);

create function record_key_change() returns trigger language plpgsql as $$
declare
    changed record;
    account integer;
    subject text;
begin
    changed := case when tg_op = 'DELETE' then old else new end;
    account := case tg_argv[0]
        when 'account' then (to_jsonb(changed) ->> 'id')::integer
        else (to_jsonb(changed) ->> 'account_id')::integer
    end;
    subject := to_jsonb(changed) ->> tg_argv[1];
    perform pg_advisory_xact_lock(726563726);
    insert into key_changes (kind, account_id, subject) values (tg_argv[0], account, subject);
    return null;
end
$$;

-- Only a hint that wakes the nodes; they poll as well.
create function announce_key_changes() returns trigger language plpgsql as $$
begin
    perform pg_notify('latchkey_key_changes', '');
    return null;
end
$$;
create trigger key_changes_announce after insert on key_changes
    for each statement execute function announce_key_changes();

create trigger accounts_changed after insert or delete or update on accounts
    for each row execute function record_key_change('account', 'id');
create trigger workspaces_changed after insert or delete or update on workspaces
    for each row execute function record_key_change('workspace', 'id');
create trigger users_changed after insert or delete or update of email, name, disabled_at on users
    for each row execute function record_key_change('person', 'id');
create trigger presets_changed after insert or delete or update on presets
    for each row execute function record_key_change('preset', 'slug');
create trigger service_credentials_changed after insert or delete or update on service_credentials
    for each row execute function record_key_change('service_credential', 'id');
-- Not for the columns that the request log keeps current: usage is no news for a mirror.
create trigger api_keys_changed after insert or delete or update of
    workspace_id, name, category, preset, preset_version, created_by, expires_at, disabled_at, revoked_at
    on api_keys for each row execute function record_key_change('key', 'id');
create trigger key_secrets_changed after insert or delete or update of
    digest, pepper_version, retires_at
    on key_secrets for each row execute function record_key_change('key', 'key_id');

-- The nodes that decide. A row older than its lease plus a margin is a node that has fenced itself.
create table nodes (
    id uuid constraint nodes_pkey primary key,
    name text not null,
    version text not null,
    started_at timestamptz not null,
    heartbeat_at timestamptz not null,
    applied_seq bigint not null,
    -- How long after its last heartbeat the node may still decide, in milliseconds.
    lease_ms integer not null
);
