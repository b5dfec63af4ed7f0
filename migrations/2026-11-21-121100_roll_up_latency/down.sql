alter table workspace_usage_daily drop column latency;
alter table usage_daily drop column latency;
drop function add_counts (bigint[], bigint[]);
