update api_keys set category = 'production' where category = '';
alter table api_keys drop constraint api_keys_category_length;
alter table api_keys add constraint api_keys_category_length check (length(category) between 1 and 50);
