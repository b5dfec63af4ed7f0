-- What a rotation leaves at the secrets of its key.
alter table key_secrets
    -- Made by the rotation form; a form sent twice makes one secret. Null: made with its key.
    add column operation uuid,
    -- When its end was put off; that is done once. Null: never.
    add column extended_at timestamptz,
    -- What `requests` was when another secret took its place. Null: it is current.
    add column requests_before bigint,
    add constraint key_secrets_operation_key unique (account_id, operation);
