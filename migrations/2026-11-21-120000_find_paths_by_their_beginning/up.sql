-- Whatever the database's collation: a filter of the log asks for paths by how they begin.
create index log_texts_beginning_idx on log_texts (kind, value text_pattern_ops);
