-- What belongs to no account, newest first: "is null" keeps no other index in order.
create index audit_log_operator_idx on audit_log (at desc, id desc) where account_id is null;
