use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Inet;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::SmallInt;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use ipnet::IpNet;

use crate::db::DbError;
use crate::db::time_box;
use crate::domain::account::AccountId;
use crate::domain::api_key::ApiKeyId;

/// Addresses are looked for in this many calls at most, the latest.
const CALLS_MAX: i64 = 10_000;

/// And in calls not older than this.
const DAYS: i64 = 7;

/// Addresses named of one secret, the latest first.
const ADDRESSES_MAX: i64 = 3;

/// The query is given up after this time.
const TIME_BOX: Duration = Duration::from_secs(1);

/// Who calls with which secret of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretUse {
    /// By generation.
    pub callers: BTreeMap<i16, Callers>,
    /// Calls made since then may be missing, because a node has not delivered them yet.
    pub behind_since: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callers {
    /// How many addresses there were.
    pub addresses: i64,
    pub latest: Vec<IpAddr>,
}

/// Since `from`, in one query over the key's latest calls.
pub fn secret_use(
    conn: &mut PgConnection,
    account: AccountId,
    key: ApiKeyId,
    (from, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<SecretUse, DbError> {
    let rows: Option<Vec<Row>> = time_box::within(conn, TIME_BOX, |conn| {
        diesel::sql_query(SQL)
            .bind::<Integer, _>(account.0)
            .bind::<Text, _>(key.as_str())
            .bind::<Timestamptz, _>(from.max(now - TimeDelta::days(DAYS)))
            .bind::<BigInt, _>(CALLS_MAX)
            .bind::<BigInt, _>(ADDRESSES_MAX)
            .load(conn)
    })?;
    let rows =
        rows.ok_or_else(|| DbError::Unavailable("the calls were not read in time".to_owned()))?;
    let mut used = SecretUse::default();
    for row in rows {
        used.behind_since = row.behind_since;
        if let (Some(generation), Some(ip)) = (row.generation, row.ip) {
            let callers = used.callers.entry(generation).or_default();
            callers.addresses = row.addresses;
            callers.latest.push(ip.addr());
        }
    }
    Ok(used)
}

/// One row at least, for what the nodes say.
const SQL: &str = "
    with calls as materialized (
        select at, generation, ip from request_log
        where key_id = $2 and account_id = $1 and at >= $3
        order by at desc
        limit $4),
    callers as (
        select generation, ip, max(at) as last_at from calls
        where ip is not null group by generation, ip),
    ranked as (
        select generation, ip,
            row_number() over (partition by generation order by last_at desc, ip) as place,
            count(*) over (partition by generation) as addresses
        from callers),
    nodes_behind as (
        select min(coalesce(spool_since, started_at)) as behind_since from nodes
        where spool_bytes > 0)
    select r.generation, r.ip, coalesce(r.addresses, 0) as addresses, n.behind_since
    from nodes_behind n
    left join ranked r on r.place <= $5
    order by r.generation, r.place";

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    #[diesel(sql_type = Nullable<SmallInt>)]
    generation: Option<i16>,
    #[diesel(sql_type = Nullable<Inet>)]
    ip: Option<IpNet>,
    #[diesel(sql_type = BigInt)]
    addresses: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    behind_since: Option<DateTime<Utc>>,
}
