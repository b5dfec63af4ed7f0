-- A browser may also be sent to a provider to prove again who somebody is, or to accept an
-- invitation, which is named by the SHA-256 of its token. Columns of their own: a node one version
-- older takes neither for a sign-in or a link.
alter table pending_sign_ins
    add column confirms uuid
        constraint pending_sign_ins_confirms_fkey references users (id) on delete cascade,
    add column invitation bytea,
    drop constraint pending_sign_ins_purpose,
    add constraint pending_sign_ins_purpose
        check (num_nonnulls(domain, user_id, confirms, invitation) = 1);
