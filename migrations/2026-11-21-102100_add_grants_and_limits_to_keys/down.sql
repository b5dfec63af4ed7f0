drop trigger api_keys_changed on api_keys;
create trigger api_keys_changed after insert or delete or update of
    workspace_id, name, category, preset, preset_version, created_by, expires_at, disabled_at, revoked_at
    on api_keys for each row execute function record_key_change('key', 'id');
drop table key_limits;
alter table api_keys
    drop column permissions, drop column resources, drop column allowed_ips, drop column allowed_origins;
