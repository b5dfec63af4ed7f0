-- The end that its people were warned of, because the secret was still used; another end, after an
-- extension, is another warning.
alter table key_secrets add column warned_of timestamptz;
create index key_secrets_retires_idx on key_secrets (retires_at) where retires_at is not null;
