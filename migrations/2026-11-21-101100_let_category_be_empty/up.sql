-- A key need not be put in a category. Nothing hangs on it, so nobody is made to choose one.
alter table api_keys drop constraint api_keys_category_length;
alter table api_keys add constraint api_keys_category_length check (length(category) <= 50);
