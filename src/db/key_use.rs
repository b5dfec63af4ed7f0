//! When and from where keys and their secrets were used: columns of `api_keys` and `key_secrets`
//! that the request log keeps current.

use std::collections::BTreeMap;
use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::Inet;
use diesel::sql_types::Int2;
use diesel::sql_types::Int4;
use diesel::sql_types::Int8;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use ipnet::IpNet;

use crate::db::DbError;
use crate::domain::account::AccountId;
use crate::domain::api_key::ApiKeyId;

/// The uses of one secret of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUse {
    pub account: AccountId,
    pub key: ApiKeyId,
    pub generation: i16,
    pub requests: i64,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    /// Of the last use.
    pub last_ip: Option<IpNet>,
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Int4)]
    account_id: i32,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    name: String,
}

pub type KeyNames = HashMap<(AccountId, ApiKeyId), String>;

/// The names of those of `keys` that exist.
pub fn names(conn: &mut PgConnection, keys: &[(AccountId, ApiKeyId)]) -> Result<KeyNames, DbError> {
    let accounts: Vec<i32> = keys.iter().map(|(account, _)| account.0).collect();
    let ids: Vec<&str> = keys.iter().map(|(_, key)| key.as_str()).collect();
    let rows: Vec<NameRow> = diesel::sql_query(
        "select account_id, id, name
           from unnest($1, $2) as wanted (account_id, id) join api_keys using (account_id, id)",
    )
    .bind::<Array<Int4>, _>(accounts)
    .bind::<Array<Text>, _>(ids)
    .load(conn)?;
    let named = |row: NameRow| {
        let key = row.id.parse().ok()?;
        Some(((AccountId(row.account_id), key), row.name))
    };
    Ok(rows.into_iter().filter_map(named).collect())
}

/// Requests of keys, refused ones among them.
pub type KeyRequests = BTreeMap<(AccountId, ApiKeyId), i64>;

/// Notes uses: times only ever widen, counts only grow. `requests` are those of the last 30 days
/// that the rollups were given. Keys that are gone are passed over. Holds locks on the keys' rows,
/// so it belongs at the end of a transaction.
pub fn note(
    conn: &mut PgConnection,
    uses: &[KeyUse],
    requests: &KeyRequests,
) -> Result<(), DbError> {
    if uses.is_empty() && requests.is_empty() {
        return Ok(());
    }
    note_on_keys(conn, uses, requests)?;
    note_on_secrets(conn, uses)
}

fn note_on_keys(
    conn: &mut PgConnection,
    uses: &[KeyUse],
    requests: &KeyRequests,
) -> Result<(), DbError> {
    let mut keys = Columns::default();
    for one in uses {
        keys.push((one.account, one.key), 0, Some(one));
    }
    for (key, requests) in requests.iter().filter(|(_, requests)| **requests > 0) {
        keys.push(*key, *requests, None);
    }
    // In order, so that two nodes do not deadlock.
    diesel::sql_query(
        "select 1 from api_keys where (account_id, id) in (select * from unnest($1, $2))
         order by account_id, id for no key update",
    )
    .bind::<Array<Int4>, _>(&keys.accounts)
    .bind::<Array<Text>, _>(&keys.ids)
    .execute(conn)?;
    diesel::sql_query(
        "update api_keys as key
            set first_used_at = least(key.first_used_at, used.first_at),
                last_used_at = greatest(key.last_used_at, used.last_at),
                last_used_ip = case when used.last_at is null or key.last_used_at > used.last_at
                                    then key.last_used_ip else used.ip end,
                requests_30d = key.requests_30d + used.requests
           from (select account_id, id, min(first_at) as first_at, max(last_at) as last_at,
                        (array_agg(ip order by last_at desc nulls last))[1] as ip,
                        sum(requests) as requests
                   from unnest($1, $2, $3, $4, $5, $6)
                        as u (account_id, id, first_at, last_at, ip, requests)
                  group by account_id, id) as used
          where key.account_id = used.account_id and key.id = used.id",
    )
    .bind::<Array<Int4>, _>(&keys.accounts)
    .bind::<Array<Text>, _>(&keys.ids)
    .bind::<Array<Nullable<Timestamptz>>, _>(&keys.firsts)
    .bind::<Array<Nullable<Timestamptz>>, _>(&keys.lasts)
    .bind::<Array<Nullable<Inet>>, _>(&keys.addresses)
    .bind::<Array<Int8>, _>(&keys.requests)
    .execute(conn)?;
    Ok(())
}

/// One entry for each use and each count; the same key may have several.
#[derive(Default)]
struct Columns {
    accounts: Vec<i32>,
    ids: Vec<String>,
    firsts: Vec<Option<DateTime<Utc>>>,
    lasts: Vec<Option<DateTime<Utc>>>,
    addresses: Vec<Option<IpNet>>,
    requests: Vec<i64>,
}

impl Columns {
    fn push(
        &mut self,
        (account, key): (AccountId, ApiKeyId),
        requests: i64,
        used: Option<&KeyUse>,
    ) {
        self.accounts.push(account.0);
        self.ids.push(key.to_string());
        self.firsts.push(used.map(|used| used.first_at));
        self.lasts.push(used.map(|used| used.last_at));
        self.addresses.push(used.and_then(|used| used.last_ip));
        self.requests.push(requests);
    }
}

fn note_on_secrets(conn: &mut PgConnection, uses: &[KeyUse]) -> Result<(), DbError> {
    let accounts: Vec<i32> = uses.iter().map(|one| one.account.0).collect();
    let keys: Vec<&str> = uses.iter().map(|one| one.key.as_str()).collect();
    let generations: Vec<i16> = uses.iter().map(|one| one.generation).collect();
    let requests: Vec<i64> = uses.iter().map(|one| one.requests).collect();
    let lasts: Vec<DateTime<Utc>> = uses.iter().map(|one| one.last_at).collect();
    diesel::sql_query(
        "update key_secrets as secret
            set last_used_at = greatest(secret.last_used_at, used.last_at),
                requests = secret.requests + used.requests
           from unnest($1, $2, $3, $4, $5)
                as used (account_id, key_id, generation, last_at, requests)
          where secret.account_id = used.account_id and secret.key_id = used.key_id
            and secret.generation = used.generation",
    )
    .bind::<Array<Int4>, _>(&accounts)
    .bind::<Array<Text>, _>(&keys)
    .bind::<Array<Int2>, _>(&generations)
    .bind::<Array<Timestamptz>, _>(&lasts)
    .bind::<Array<Int8>, _>(&requests)
    .execute(conn)?;
    Ok(())
}
