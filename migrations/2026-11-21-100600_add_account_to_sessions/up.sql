-- A person may belong to several accounts; a session is for the one they signed in to. Null: staff.
alter table sessions
    add column account_id integer
        constraint sessions_account_fkey references accounts (id) on delete cascade;
create index sessions_account_idx on sessions (account_id);
