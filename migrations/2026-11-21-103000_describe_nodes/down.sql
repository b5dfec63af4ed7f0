alter table nodes
    drop column spool_since,
    drop column spool_bytes,
    drop column unreadable_keys,
    drop column unreadable,
    drop column keys,
    drop column loading;
