drop table sign_in_failures;
drop table sessions;
drop table one_time_links;
drop table staff_grants;
drop table workspace_memberships;
drop table memberships;
drop table users;
