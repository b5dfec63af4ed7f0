drop trigger workspace_memberships_changed on workspace_memberships;
drop trigger memberships_changed on memberships;
drop trigger catalogue_versions_changed on catalogue_versions;
delete from key_changes where kind in ('catalogue', 'membership', 'ip_block');
alter table key_changes drop constraint key_changes_kind_known;
alter table key_changes add constraint key_changes_kind_known
    check (kind in ('account', 'workspace', 'person', 'preset', 'key', 'service_credential'));
alter table accounts drop column refused_credentials;
drop table plan_meters;
drop table meters;
alter table plans drop column per_second, drop column per_minute, drop column offered, drop column position;
-- Keys of these scopes would be wider than they were: they end with their scope.
update api_keys set preset = 'full', preset_version = 1, revoked_at = coalesce(revoked_at, now())
    where preset in ('custom', 'inherit');
delete from presets where slug in ('custom', 'inherit');
alter table presets drop column cannot, drop column offered, drop column position;
drop table catalogue_versions;
