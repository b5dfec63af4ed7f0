-- When the person last proved who they are; null in rows from before, for which it is created_at.
-- And from where and with what the session began, for the person's own list of sessions.
alter table sessions
    add column confirmed_at timestamptz,
    add column ip inet,
    add column client text constraint sessions_client_length check (length(client) <= 300);
