drop table key_policies;
