-- A person's authenticator app. The secret is sealed under a key that follows from the
-- installation's secret key, so that a stolen dump makes no codes.
create table second_factors (
    user_id uuid constraint second_factors_pkey primary key
        constraint second_factors_user_fkey references users (id) on delete cascade,
    sealed_secret bytea not null
        constraint second_factors_sealed_length check (length(sealed_secret) between 29 and 200),
    -- The time step of the last code that was taken: none is taken twice.
    last_step bigint not null,
    created_at timestamptz not null
);

-- What lets somebody in once who has lost the app. Only a keyed digest is kept.
create table recovery_codes (
    user_id uuid not null
        constraint recovery_codes_factor_fkey references second_factors (user_id) on delete cascade,
    code_digest bytea not null
        constraint recovery_codes_digest_length check (length(code_digest) = 32),
    created_at timestamptz not null,
    used_at timestamptz,
    constraint recovery_codes_pkey primary key (user_id, code_digest)
);
