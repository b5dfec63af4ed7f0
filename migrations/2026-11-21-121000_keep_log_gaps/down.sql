drop table log_gaps;
