update presets set label = 'Same as its creator',
    summary = 'What the person who made it may do, as that changes.'
where slug = 'inherit';

drop trigger api_keys_changed on api_keys;
create trigger api_keys_changed after insert or delete or update of
    workspace_id, name, category, preset, preset_version, permissions, resources, allowed_ips,
    allowed_origins, created_by, expires_at, disabled_at, revoked_at
    on api_keys for each row execute function record_key_change('key', 'id');

create index api_keys_creator_idx on api_keys (account_id, workspace_id, created_by);
create index api_keys_account_creator_idx on api_keys (account_id, created_by);
alter table api_keys drop column owner_id, drop column handed_to, drop column service;
