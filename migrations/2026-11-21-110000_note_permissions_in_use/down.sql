alter table api_keys drop column few_permissions;
drop table permission_uses;
