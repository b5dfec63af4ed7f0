drop table sign_in_rules;
