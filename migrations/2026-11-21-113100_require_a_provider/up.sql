-- The only way into the account, where its owners want one; null: passwords too. Sessions of the
-- account that began otherwise are over from then on.
alter table sign_in_rules
    add column required_provider text
        constraint sign_in_rules_provider_known
        check (required_provider in ('google', 'microsoft'));
