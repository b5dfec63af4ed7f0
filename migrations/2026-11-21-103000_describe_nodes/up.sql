-- What the operator's page shows of each node. The defaults are what an older version leaves.
alter table nodes
    -- Not deciding yet: it reads everything first. Nobody waits for it.
    add column loading boolean not null default false,
    add column keys bigint not null default 0,
    -- Keys whose row cannot be read, and the word for the first of them.
    add column unreadable bigint not null default 0,
    add column unreadable_keys jsonb not null default '[]',
    -- What lies in the spool and is not in the request log yet, and since when at most.
    add column spool_bytes bigint not null default 0,
    add column spool_since timestamptz;
