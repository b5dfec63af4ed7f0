-- Whose a key is: at first who made it, which never changes. Somebody who leaves hands it over, or
-- makes a service key of it, which is nobody's. A node one version older goes on taking its creator
-- for its owner: it refuses what inherits from who has left, and never allows more.
alter table api_keys
    add column service boolean not null default false,
    add column handed_to uuid constraint api_keys_handed_to_fkey references users (id),
    add constraint api_keys_service_is_nobodys check (not (service and handed_to is not null));
alter table api_keys
    add column owner_id uuid
        generated always as (case when service then null else coalesce(handed_to, created_by) end)
        stored;

-- Keys are counted and found by their owner from now on.
create index api_keys_owner_idx on api_keys (account_id, workspace_id, owner_id);
create index api_keys_account_owner_idx on api_keys (account_id, owner_id);
drop index api_keys_creator_idx;
drop index api_keys_account_creator_idx;

drop trigger api_keys_changed on api_keys;
create trigger api_keys_changed after insert or delete or update of
    workspace_id, name, category, preset, preset_version, permissions, resources, allowed_ips,
    allowed_origins, created_by, service, handed_to, expires_at, disabled_at, revoked_at
    on api_keys for each row execute function record_key_change('key', 'id');

update presets set label = 'Same as its owner', summary = 'What its owner may do, as that changes.'
where slug = 'inherit';
