-- The extensions stay: somebody else may use them by now.
drop index if exists api_keys_name_trigrams_idx;
drop index usage_daily_day_idx;
drop index api_keys_creator_idx;
drop index api_keys_requests_idx;
alter table api_keys drop column requests_30d;
