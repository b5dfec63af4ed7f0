-- The list of keys at ten thousand keys a workspace: a sort by requests, filters by creator, and a
-- search for a part of a name.

alter table api_keys
    -- Of the last 30 days, like the sum over usage_daily, which is too much to sum for a sort. Days
    -- that leave the 30 are taken off by the hourly round of retention, which also makes good what
    -- a node one version older has not added.
    add column requests_30d bigint not null default 0;
update api_keys k set requests_30d = s.requests
from (select account_id, key_id, sum(requests) as requests from usage_daily
      where day > (now() at time zone 'UTC')::date - 30 group by account_id, key_id) s
where s.account_id = k.account_id and s.key_id = k.id and s.requests > 0;

create index api_keys_requests_idx on api_keys (account_id, workspace_id, requests_30d, id);
create index api_keys_creator_idx on api_keys (account_id, workspace_id, created_by);
-- Rows come day by day, so some kilobytes are enough to find those of a month.
create index usage_daily_day_idx on usage_daily using brin (day);

-- Part of a name is found by its trigrams. Both extensions come with PostgreSQL's contrib modules
-- and any owner of a database may create them; where they are missing or refused, the same search
-- reads the names of one workspace instead.
do $$
begin
    create extension if not exists pg_trgm;
    create extension if not exists btree_gin;
    create index api_keys_name_trigrams_idx on api_keys
        using gin (account_id, name_folded gin_trgm_ops);
exception when others then
    raise notice 'keys are searched without an index: %', sqlerrm;
end
$$;
