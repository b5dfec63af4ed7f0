-- The list of keys is read page by page along one of these; an index for each sort that it offers.
-- The expressions give keys never used and keys that never expire a place in the order.
create index api_keys_last_used_idx on api_keys
    (account_id, workspace_id, (coalesce(last_used_at, '-infinity'::timestamptz)), id);
create index api_keys_workspace_name_idx on api_keys (account_id, workspace_id, name_folded, id);
create index api_keys_expires_idx on api_keys
    (account_id, workspace_id, (coalesce(expires_at, 'infinity'::timestamptz)), id);

-- What somebody reads off a leaked key.
create index key_secrets_last_four_idx on key_secrets (account_id, last_four);
