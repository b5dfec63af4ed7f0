drop index key_secrets_retires_idx;
alter table key_secrets drop column warned_of;
