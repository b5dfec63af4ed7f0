//! An installation's tables, filled: one account with a plan that caps rates and meters, and keys
//! whose grant names permissions one by one. The first key has limits of its own, too.

use std::fmt::Write as _;

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::Bytea;
use diesel::sql_types::Text;
use latchkey::crypto::digest::Pepper;
use latchkey::crypto::key_secret::PlainKey;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::random::OsRandom;

use super::fault;

/// Keys written by one statement.
const BATCH: usize = 20_000;

const ACCOUNT: &str = "
    set session_replication_role = replica;
    insert into accounts (public_id, domain, customer_id, name, plan, created_at)
        values ('acc_4fZk0QpL9aBc', 'acme', 'acme-1', 'Acme', 'standard', now());
    insert into workspaces (account_id, public_id, slug, name, created_at)
        values (1, 'wsp_4fZk0QpL9aBc', 'default', 'Default', now());
    insert into users (id, email, email_folded, name, created_at)
        values ('00000000-0000-0000-0000-000000000001', 'alice@acme.example',
            'alice@acme.example', 'Alice', now());
    update plans set per_second = 1000000, per_minute = 60000000 where slug = 'standard';
    delete from plan_meters where plan = 'standard';
    insert into plan_meters (plan, meter, amount) values ('standard', 'requests', 1000000000000),
        ('standard', 'credits', 1000000000000), ('standard', 'uploads', 1000000000000)";

const KEYS: &str = "
    with made as (
        insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
            preset_version, created_by, created_at, operation, permissions)
        select 1, id, 1, 'key ' || id, 'key ' || id, 'production', 'custom', 1,
            '00000000-0000-0000-0000-000000000001', now(), gen_random_uuid(),
            '{corpus:query,documents:read,documents:write}'
        from unnest($1) as id
    )
    insert into key_secrets (account_id, key_id, generation, digest, pepper_version, last_four, created_at)
    select 1, id, 1, digest, 1, '0000', now() from unnest($1, $2) as secret (id, digest)";

/// Writes `count` keys, and tells the first and, one a line, those after it.
pub fn fill(
    conn: &mut PgConnection,
    pepper: &Pepper,
    count: usize,
) -> std::io::Result<(PlainKey, String)> {
    conn.batch_execute(ACCOUNT).map_err(fault)?;
    let mut first = None;
    let mut list = String::new();
    let mut left = count;
    while left > 0 {
        let (mut ids, mut digests) = (Vec::new(), Vec::new());
        for _ in 0..left.min(BATCH) {
            let id = ApiKeyId::generate(&OsRandom).map_err(fault)?;
            let key = PlainKey::generate(&KeyPrefix::default(), id, &OsRandom).map_err(fault)?;
            ids.push(id.as_str().to_owned());
            digests.push(pepper.digest(key.expose()).as_bytes().to_vec());
            if first.is_some() {
                let _ = writeln!(list, "{}", key.expose());
            } else {
                first = Some(key);
            }
        }
        left -= ids.len();
        diesel::sql_query(KEYS)
            .bind::<Array<Text>, _>(ids)
            .bind::<Array<Bytea>, _>(digests)
            .execute(conn)
            .map_err(fault)?;
    }
    let first = first.ok_or_else(|| fault("at least one key"))?;
    diesel::sql_query(
        "insert into key_limits (account_id, key_id, daily, monthly)
         values (1, $1, 1000000000, 1000000000000)",
    )
    .bind::<Text, _>(first.id().as_str())
    .execute(conn)
    .map_err(fault)?;
    conn.batch_execute("analyze; checkpoint").map_err(fault)?;
    Ok((first, list))
}
