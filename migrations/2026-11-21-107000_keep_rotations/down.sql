alter table key_secrets
    drop constraint key_secrets_operation_key,
    drop column requests_before,
    drop column extended_at,
    drop column operation;
