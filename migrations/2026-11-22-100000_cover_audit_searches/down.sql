alter table audit_log reset (autovacuum_vacuum_insert_scale_factor);
drop index audit_log_target_at_idx;
drop index audit_log_action_idx;
drop index audit_log_actor_idx;
drop index audit_log_at_idx;
create index audit_log_at_idx on audit_log (at desc, id desc);
create index audit_log_action_idx on audit_log (account_id, action, at desc, id desc);
create index audit_log_actor_idx on audit_log (account_id, actor_label, at desc, id desc);
create index audit_log_target_at_idx on audit_log (account_id, target_id, at desc, id desc);
