-- Texts that repeat in log rows: paths, user agents, key names. A row holds the id.
create table log_texts (
    id integer generated always as identity constraint log_texts_pkey primary key,
    kind smallint not null constraint log_texts_kind_known check (kind in (1, 2, 3)),
    value text not null constraint log_texts_value_length check (length(value) <= 1024),
    -- The last day a row used it; retention removes texts that no kept row can use.
    seen_on date not null,
    constraint log_texts_value_key unique (kind, value)
);
comment on column log_texts.kind is '1 path, 2 user agent, 3 key name';

-- One row for every decision about a known key, in partitions of one UTC day. Columns are in order
-- of alignment and internal ids are small, because this table is the one that grows.
-- No unique index: the spool's cursor already keeps a row from being written twice.
create table request_log (
    at timestamptz not null,
    account_id integer not null,
    workspace_id integer not null,
    path_id integer not null,
    agent_id integer not null,
    name_id integer not null,
    credits integer not null,
    -- Time to first byte at the gateway, else of the decision or as reported, in microseconds.
    duration_us integer,
    -- The status the caller was answered. Null while the gateway waits for the upstream.
    status smallint,
    code smallint not null,
    method smallint not null,
    surface smallint not null,
    generation smallint not null,
    key_id text not null,
    request_id text not null,
    ip inet
) partition by range (at);
-- Ascending, because rows arrive that way and leave the pages full; a list reads them backwards.
create index request_log_key_idx on request_log (key_id, at);
create index request_log_workspace_idx on request_log (workspace_id, at);
-- A request id starts with its time, so this index, some kilobytes a day, is enough to find one.
create index request_log_at_idx on request_log using brin (at);

create table usage_hourly (
    account_id integer not null,
    workspace_id integer not null,
    key_id text not null,
    hour timestamptz not null,
    requests bigint not null,
    failed bigint not null,
    credits bigint not null,
    constraint usage_hourly_pkey primary key (account_id, key_id, hour)
);
create table usage_daily (
    account_id integer not null,
    workspace_id integer not null,
    key_id text not null,
    day date not null,
    requests bigint not null,
    failed bigint not null,
    credits bigint not null,
    constraint usage_daily_pkey primary key (account_id, key_id, day)
);
-- The sum over a workspace's keys, so that its chart does not read a row per key and day.
create table workspace_usage_daily (
    account_id integer not null,
    workspace_id integer not null,
    day date not null,
    requests bigint not null,
    failed bigint not null,
    credits bigint not null,
    constraint workspace_usage_daily_pkey primary key (account_id, workspace_id, day)
);

-- Keys that nobody has: counted per address and minute, so that a flood cannot fill the disk.
create table failed_attempts (
    minute timestamptz not null,
    address inet not null,
    attempts bigint not null,
    constraint failed_attempts_pkey primary key (minute, address)
);

-- How far each node's spool has been shipped. Moved in the transaction that ships the rows.
create table spool_cursors (
    spool_id uuid constraint spool_cursors_pkey primary key,
    segment bigint not null,
    position bigint not null,
    updated_at timestamptz not null default now()
);
