-- Which permissions keys use, so that one with full access which needs little of it can be told.
-- Written with the request log; a row changes once a day at most.
create table permission_uses (
    account_id integer not null,
    key_id text not null,
    -- Empty stands for calls of which the catalogue does not say what they need.
    permission text not null,
    first_day date not null,
    last_day date not null,
    constraint permission_uses_pkey primary key (account_id, key_id, permission),
    constraint permission_uses_days_order check (first_day <= last_day)
);

alter table api_keys
    -- What a key used in its last 30 days, where all of it is known and it is little; else empty.
    -- A default suits nodes one version older, which do not write it.
    add column few_permissions text[] not null default '{}';
