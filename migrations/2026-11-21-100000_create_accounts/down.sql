drop table workspaces;
drop table accounts;
drop table plans;
