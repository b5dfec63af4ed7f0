drop index api_keys_account_creator_idx;
alter table memberships drop column last_active_at;
drop trigger memberships_changed on memberships;
create trigger memberships_changed after insert or delete or update on memberships
    for each row execute function record_key_change('membership', 'user_id');
