-- How long answers took, counted in classes beside the requests of the same rows; the classes are
-- those of `domain::latency`. A node one version older adds nothing.
create function add_counts(one bigint[], other bigint[]) returns bigint[]
    language sql immutable parallel safe
    return case
        when cardinality(other) = 0 then one
        when cardinality(one) = 0 then other
        else (select array_agg(coalesce(a, 0) + coalesce(b, 0) order by class)
              from unnest(one, other) with ordinality as counts (a, b, class))
    end;

alter table usage_daily add column latency bigint[] not null default '{}';
alter table workspace_usage_daily add column latency bigint[] not null default '{}';
comment on column usage_daily.latency is 'answers by class of duration; {} for none';
