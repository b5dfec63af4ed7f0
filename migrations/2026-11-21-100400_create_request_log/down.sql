drop table spool_cursors;
drop table failed_attempts;
drop table workspace_usage_daily;
drop table usage_daily;
drop table usage_hourly;
drop table request_log;
drop table log_texts;
