-- What a workspace asks of its keys. A workspace without a row asks nothing. Nodes need not know:
-- it is asked when a key is made or changed, and keys that are there stay as they are.
create table key_policies (
    account_id integer not null,
    workspace_id integer not null,
    -- In days from a key's creation; null is for ever.
    longest_life integer
        constraint key_policies_longest_life_range check (longest_life between 1 and 18250),
    -- The choice of the create form that is offered first; null is the installation's.
    default_expiry text
        constraint key_policies_default_expiry_known
        check (default_expiry in ('1h', '1d', '1w', '1m', '90d', '1y', 'never')),
    -- Slugs of presets, `custom`, `inherit`; '*' for every one, also those that are added later.
    scopes text[] not null default '{*}'
        constraint key_policies_scopes_named check (cardinality(scopes) > 0),
    creators text not null default 'developers'
        constraint key_policies_creators_known check (creators in ('developers', 'admins')),
    version integer not null default 1,
    updated_at timestamptz not null,
    constraint key_policies_pkey primary key (account_id, workspace_id),
    constraint key_policies_workspace_fkey
        foreign key (account_id, workspace_id) references workspaces (account_id, id)
);
