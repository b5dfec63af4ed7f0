-- When somebody who runs the installation was last seen: sessions are forgotten when they are over.
alter table staff_grants add column last_active_at timestamptz;

-- The one-use id of the form that made the credential; null where a command did.
alter table service_credentials add column operation uuid
    constraint service_credentials_operation_key unique;

-- Accounts of one plan, by domain, for the operator's list.
create index accounts_plan_idx on accounts (plan, domain);
