-- When a person last used the console of an account. Sessions are forgotten when they are over, so
-- they cannot tell. Written at most once a minute, and no news for a mirror.
drop trigger memberships_changed on memberships;
create trigger memberships_changed after insert or delete or update of account_id, user_id, role
    on memberships for each row execute function record_key_change('membership', 'user_id');

alter table memberships add column last_active_at timestamptz;
update memberships m set last_active_at = s.last_seen_at
from (select account_id, user_id, max(last_seen_at) as last_seen_at from sessions
      group by account_id, user_id) s
where s.account_id = m.account_id and s.user_id = m.user_id;

-- The keys of one person in all workspaces.
create index api_keys_account_creator_idx on api_keys (account_id, created_by);
