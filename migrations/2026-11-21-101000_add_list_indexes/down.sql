drop index key_secrets_last_four_idx;
drop index api_keys_expires_idx;
drop index api_keys_workspace_name_idx;
drop index api_keys_last_used_idx;
