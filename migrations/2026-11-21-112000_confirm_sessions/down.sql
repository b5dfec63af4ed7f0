alter table sessions
    drop column confirmed_at,
    drop column ip,
    drop column client;
