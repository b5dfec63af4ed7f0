drop table usage_events;
drop table meter_usage_daily;
