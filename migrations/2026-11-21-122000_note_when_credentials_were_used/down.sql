drop trigger service_credentials_changed on service_credentials;
create trigger service_credentials_changed after insert or delete or update on service_credentials
    for each row execute function record_key_change('service_credential', 'id');

alter table service_credentials drop column last_used_at;
