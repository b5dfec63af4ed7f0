drop index request_details_account_idx;
alter table accounts drop column log_retention_days;
