-- What an API offers to be granted and sold: one TOML document per version, validated before it is
-- stored. Presets keep rows of their own, because a key keeps the version it was made with.
create table catalogue_versions (
    version integer constraint catalogue_versions_pkey primary key,
    document text not null,
    applied_at timestamptz not null,
    -- Who applied it, as its audit row says.
    applied_by text not null
);

alter table presets
    -- What a key of this preset cannot do, in words.
    add column cannot text not null default '',
    -- False once the catalogue names it no longer: kept for the keys that have it.
    add column offered boolean not null default true,
    add column position smallint not null default 0;
-- Two scopes that are no presets of the catalogue, so that a key's scope is always this reference.
insert into presets (slug, version, label, summary, permissions, offered) values
    ('custom', 1, 'Custom', 'Chosen permissions.', '{}', false),
    ('inherit', 1, 'Same as its creator', 'What the person who made it may do, as that changes.', '{}', false);

alter table plans
    -- Requests of the whole account; null is without a limit.
    add column per_second bigint constraint plans_per_second_positive check (per_second >= 1),
    add column per_minute bigint constraint plans_per_minute_positive check (per_minute >= 1),
    -- False once the catalogue names it no longer: kept for the accounts that have it.
    add column offered boolean not null default true,
    add column position smallint not null default 0;

-- What plans cap for a whole account.
create table meters (
    slug text constraint meters_pkey primary key
        constraint meters_slug_format check (slug ~ '^[a-z][a-z0-9-]{0,49}$'),
    label text not null,
    -- Counted per calendar month (UTC), or a level that rises and falls.
    kind text not null constraint meters_kind_known check (kind in ('period', 'level'))
);

create table plan_meters (
    plan text not null constraint plan_meters_plan_fkey references plans (slug) on delete cascade,
    meter text not null constraint plan_meters_meter_fkey references meters (slug) on delete cascade,
    -- The most that the account may have; a meter without a row is not capped.
    amount bigint not null constraint plan_meters_amount_positive check (amount >= 0),
    constraint plan_meters_pkey primary key (plan, meter)
);

-- An account may refuse some of the ways to send a key: bearer, api-key, x-api-key.
alter table accounts
    add column refused_credentials text[] not null default '{}'
        constraint accounts_refused_credentials_known
        check (refused_credentials <@ array['bearer', 'api-key', 'x-api-key']);

alter table key_changes drop constraint key_changes_kind_known;
alter table key_changes add constraint key_changes_kind_known
    check (kind in ('account', 'workspace', 'person', 'preset', 'key', 'service_credential',
                    'catalogue', 'membership', 'ip_block'));
-- Plans and meters are written in the same transaction, before the version.
create trigger catalogue_versions_changed after insert on catalogue_versions
    for each row execute function record_key_change('catalogue', 'version');
create trigger memberships_changed after insert or delete or update on memberships
    for each row execute function record_key_change('membership', 'user_id');
create trigger workspace_memberships_changed after insert or delete or update on workspace_memberships
    for each row execute function record_key_change('membership', 'user_id');
