drop index sessions_account_idx;
alter table sessions drop column account_id;
