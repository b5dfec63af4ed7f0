-- For how many days the account's calls are kept, where its owners want less than the installation
-- keeps; null is as long as that. A node one version older keeps them all.
alter table accounts
    add column log_retention_days smallint
        constraint accounts_log_retention_days_range check (log_retention_days between 1 and 3650);

-- Each account's are deleted by their age.
create index request_details_account_idx on request_details (account_id, at);
