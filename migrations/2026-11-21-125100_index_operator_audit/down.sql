drop index audit_log_operator_idx;
