-- When the operator's back ends last asked with it, told by the nodes in batches.
alter table service_credentials add column last_used_at timestamptz;

-- Use is no news for a mirror.
drop trigger service_credentials_changed on service_credentials;
create trigger service_credentials_changed after insert or delete or update of
    name, digest, revoked_at
    on service_credentials for each row execute function record_key_change('service_credential', 'id');
