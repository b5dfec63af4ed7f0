-- One row for every change a person or a program made, written in the transaction of the change.
create table audit_log (
    id bigint generated always as identity constraint audit_log_pkey primary key,
    account_id integer constraint audit_log_account_fkey references accounts (id),
    workspace_id integer,
    at timestamptz not null,
    actor_kind text not null
        constraint audit_log_actor_kind_known check (actor_kind in ('person', 'key', 'system')),
    actor_id text not null,
    actor_label text not null,
    action text not null,
    target_kind text not null,
    target_id text not null,
    target_label text not null,
    before jsonb,
    after jsonb,
    reason text,
    ip inet,
    request_id text
);
create index audit_log_account_idx on audit_log (account_id, at desc, id desc);
create index audit_log_target_idx on audit_log (account_id, target_kind, target_id, at desc);
