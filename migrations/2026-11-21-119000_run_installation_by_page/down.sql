drop index accounts_plan_idx;
alter table service_credentials drop column operation;
alter table staff_grants drop column last_active_at;
