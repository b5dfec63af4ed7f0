-- Why requests failed, by the hour: written with the log's rows, like the other rollups. Successes
-- are what `usage_hourly` has besides.
create table outcomes_hourly (
    account_id integer not null,
    workspace_id integer not null,
    hour timestamptz not null,
    key_id text not null,
    outcome smallint not null,
    requests bigint not null,
    constraint outcomes_hourly_pkey primary key (account_id, workspace_id, hour, key_id, outcome)
);
comment on column outcomes_hourly.outcome is
    'the number of a refusal''s reason, or the status of 400 or more that an allowed request got';
-- Retention asks by time alone.
create index outcomes_hourly_hour_idx on outcomes_hourly using brin (hour);

-- What a refusal missed, by name: a permission, an origin, a meter. Few rows of the log have one, so
-- it is no column there. Written with the row.
create table request_details (
    at timestamptz not null,
    account_id integer not null,
    request_id text not null,
    detail_id integer not null
);
create index request_details_at_idx on request_details (at);

alter table log_texts drop constraint log_texts_kind_known;
alter table log_texts add constraint log_texts_kind_known check (kind in (1, 2, 3, 4));
comment on column log_texts.kind is '1 path, 2 user agent, 3 key name, 4 what a refusal missed';

alter table outcomes_hourly enable row level security;
create policy own_account on outcomes_hourly to latchkey_tenant
    using (account_id = tenant_account()) with check (account_id = tenant_account());
alter table request_details enable row level security;
create policy own_account on request_details to latchkey_tenant
    using (account_id = tenant_account()) with check (account_id = tenant_account());
