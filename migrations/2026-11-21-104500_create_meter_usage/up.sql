-- What was used of each meter, by day (UTC) and workspace. Counters say what is left of a period;
-- these say where it went. Amounts of a level are its changes, so they may be negative.
create table meter_usage_daily (
    account_id integer not null,
    -- 0 where the app told none.
    workspace_id integer not null,
    meter text not null,
    day date not null,
    source text not null
        constraint meter_usage_daily_source_known check (source in ('api', 'app')),
    amount bigint not null,
    constraint meter_usage_daily_pkey primary key (account_id, meter, day, workspace_id, source)
);

-- Events of app usage that were counted, so that one that is sent again is not counted again.
create table usage_events (
    account_id integer not null,
    event_id text not null
        constraint usage_events_event_id_length check (length(event_id) between 1 and 100),
    -- When it was taken, by which it is forgotten; not when it happened.
    at timestamptz not null,
    constraint usage_events_pkey primary key (account_id, event_id)
);
-- Events arrive in the order of their times, so a few kilobytes a day find the old ones.
create index usage_events_at_idx on usage_events using brin (at);
