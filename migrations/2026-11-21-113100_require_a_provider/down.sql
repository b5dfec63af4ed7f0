alter table sign_in_rules drop column required_provider;
