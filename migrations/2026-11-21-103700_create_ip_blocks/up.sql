-- Addresses whose unknown keys are refused for a while, each as one node tells of it. What decides
-- is in the nodes' memory; this is what people see, and how a block is lifted.
create table ip_blocks (
    -- Where: gateway, forward-auth, own-key, or 'service:' and the id of a service credential.
    scope text not null,
    network inet not null,
    node uuid not null,
    since timestamptz not null,
    until timestamptz not null,
    -- How many blocks of this address there were lately, with this one.
    strikes smallint not null,
    lifted_at timestamptz,
    -- As the news of a lift names it.
    subject text not null generated always as (scope || ' ' || text(network)) stored,
    constraint ip_blocks_pkey primary key (network, scope, node)
);
create index ip_blocks_until_idx on ip_blocks (until);

create trigger ip_blocks_lifted after update of lifted_at on ip_blocks
    for each row when (old.lifted_at is null and new.lifted_at is not null)
    execute function record_key_change('ip_block', 'subject');
