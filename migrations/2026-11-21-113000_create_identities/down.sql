alter table sessions drop column provider;
drop table pending_sign_ins;
drop table identities;
