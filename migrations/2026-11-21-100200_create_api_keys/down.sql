drop table service_credentials;
drop table key_secrets;
drop table api_keys;
drop table presets;
