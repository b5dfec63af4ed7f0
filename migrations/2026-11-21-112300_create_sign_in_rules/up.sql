-- What an account asks of its members at sign-in. No row: nothing beyond the password.
create table sign_in_rules (
    account_id integer constraint sign_in_rules_pkey primary key
        constraint sign_in_rules_account_fkey references accounts (id) on delete cascade,
    second_factor_required boolean not null default false,
    changed_at timestamptz not null
);
