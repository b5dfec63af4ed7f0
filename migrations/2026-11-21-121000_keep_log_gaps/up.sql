-- Times in which a node answered without a record, because its disk took none and the operator had
-- chosen that. Written with the spool's cursor, like the rows of the log.
create table log_gaps (
    id integer generated always as identity constraint log_gaps_pkey primary key,
    spool_id uuid not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    records bigint not null constraint log_gaps_records_counted check (records > 0),
    constraint log_gaps_times_in_order check (from_at <= to_at)
);
create index log_gaps_to_idx on log_gaps (to_at);
comment on column log_gaps.records is 'of all accounts; when each was is not known';
