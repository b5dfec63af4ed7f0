use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::SmallInt;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;
use crate::domain::account::AccountId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::endpoint::Method;

/// Facts are taken from this many calls at most, the latest.
const CALLS_MAX: i64 = 10_000;

/// What a key did in the last 24 hours, told before it is stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveFacts {
    /// More than `CALLS_MAX` calls are counted as `CALLS_MAX`, and `more` is set.
    pub calls: i64,
    pub more: bool,
    pub last_call_at: Option<DateTime<Utc>>,
    pub addresses: i64,
    pub top: Option<TopEndpoint>,
}

/// The endpoint called most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopEndpoint {
    pub method: Option<Method>,
    pub path: String,
    /// The user agent seen most there.
    pub client: String,
}

/// One query over the key's rows of 24 hours.
pub fn live_facts(
    conn: &mut PgConnection,
    account: AccountId,
    key: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<LiveFacts, DbError> {
    let row: Row = diesel::sql_query(SQL)
        .bind::<Integer, _>(account.0)
        .bind::<Text, _>(key.as_str())
        .bind::<Timestamptz, _>(now - TimeDelta::days(1))
        .bind::<BigInt, _>(CALLS_MAX + 1)
        .get_result(conn)?;
    Ok(LiveFacts {
        calls: row.calls.min(CALLS_MAX),
        more: row.calls > CALLS_MAX,
        last_call_at: row.last_call_at,
        addresses: row.addresses,
        top: row.path.map(|path| TopEndpoint {
            method: row
                .method
                .and_then(|number| u8::try_from(number).ok())
                .and_then(Method::from_number),
            path,
            client: row.client.unwrap_or_default(),
        }),
    })
}

const SQL: &str = "
    with calls as materialized (
        select at, method, path_id, agent_id, ip from request_log
        where key_id = $2 and account_id = $1 and at > $3
        order by at desc
        limit $4),
    sums as (
        select count(*) as calls, max(at) as last_call_at, count(distinct ip) as addresses
        from calls),
    top as (
        select method, path_id, mode() within group (order by agent_id) as agent_id from calls
        group by method, path_id
        order by count(*) desc, path_id
        limit 1)
    select sums.calls, sums.last_call_at, sums.addresses, top.method, p.value as path,
        a.value as client
    from sums
    left join top on true
    left join log_texts p on p.id = top.path_id
    left join log_texts a on a.id = top.agent_id";

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    #[diesel(sql_type = BigInt)]
    calls: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_call_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    addresses: i64,
    #[diesel(sql_type = Nullable<SmallInt>)]
    method: Option<i16>,
    #[diesel(sql_type = Nullable<Text>)]
    path: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    client: Option<String>,
}
