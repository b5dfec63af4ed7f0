-- A key's grant: its preset, or chosen permissions, times the resources it may touch.
alter table api_keys
    add column permissions text[] not null default '{}'
        constraint api_keys_permissions_of_custom
        check ((preset = 'custom') = (cardinality(permissions) > 0)),
    -- '*' for all, else ids, or beginnings of ids that end in '*'.
    add column resources text[] not null default '{*}'
        constraint api_keys_resources_named check (cardinality(resources) > 0),
    -- Networks in CIDR form, v4 and v6; empty is from everywhere.
    add column allowed_ips text[] not null default '{}',
    -- Origins of web pages, as browsers send them; empty is not asked for.
    add column allowed_origins text[] not null default '{}';

-- Caps on a key's requests; a key without a row has none. Windows roll: 24 hours, 7 and 30 days.
create table key_limits (
    account_id integer not null,
    key_id text not null,
    total bigint constraint key_limits_total_positive check (total >= 1),
    daily bigint constraint key_limits_daily_positive check (daily >= 1),
    weekly bigint constraint key_limits_weekly_positive check (weekly >= 1),
    monthly bigint constraint key_limits_monthly_positive check (monthly >= 1),
    constraint key_limits_pkey primary key (account_id, key_id),
    constraint key_limits_key_fkey
        foreign key (account_id, key_id) references api_keys (account_id, id) on delete cascade
);
create trigger key_limits_changed after insert or delete or update on key_limits
    for each row execute function record_key_change('key', 'key_id');

drop trigger api_keys_changed on api_keys;
create trigger api_keys_changed after insert or delete or update of
    workspace_id, name, category, preset, preset_version, permissions, resources, allowed_ips,
    allowed_origins, created_by, expires_at, disabled_at, revoked_at
    on api_keys for each row execute function record_key_change('key', 'id');
