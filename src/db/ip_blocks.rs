//! Blocked addresses, as the nodes tell of them and the operator lifts them.

use chrono::DateTime;
use chrono::Utc;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Inet;
use diesel::sql_types::Int2;
use diesel::sql_types::Int8;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;
use ipnet::IpNet;
use serde_json::json;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::key_changes;
use crate::db::schema::ip_blocks;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::ip_scope::IpScope;

/// A block that has begun at a node. Times are told as distances from the present, because a
/// node's clock is not the database's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub scope: IpScope,
    pub network: IpNet,
    pub begun_us_ago: i64,
    pub left_us: i64,
    pub strikes: i16,
}

/// A block as people see it: what all nodes tell of one address in one place.
#[derive(Debug, Clone, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct BlockRow {
    #[diesel(sql_type = Text)]
    pub scope: String,
    #[diesel(sql_type = Inet)]
    pub network: IpNet,
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub until: DateTime<Utc>,
    #[diesel(sql_type = Int2)]
    pub strikes: i16,
    /// How many nodes block it.
    #[diesel(sql_type = BigInt)]
    pub nodes: i64,
    /// Of the service whose callers the scope is about.
    #[diesel(sql_type = Nullable<Text>)]
    pub service: Option<String>,
}

/// Stores what the node `node` tells. Each scope and network may be named once.
pub fn tell(conn: &mut PgConnection, node: Uuid, blocks: &[Told]) -> Result<(), DbError> {
    if blocks.is_empty() {
        return Ok(());
    }
    let scopes: Vec<String> = blocks.iter().map(|one| one.scope.to_string()).collect();
    let networks: Vec<IpNet> = blocks.iter().map(|one| one.network).collect();
    let ago: Vec<i64> = blocks.iter().map(|one| one.begun_us_ago).collect();
    let left: Vec<i64> = blocks.iter().map(|one| one.left_us).collect();
    let strikes: Vec<i16> = blocks.iter().map(|one| one.strikes).collect();
    diesel::sql_query(
        "insert into ip_blocks (scope, network, node, since, until, strikes)
         select scope, network, $1, now() - ago * interval '1 microsecond',
                now() + remaining * interval '1 microsecond', strikes
         from unnest($2, $3, $4, $5, $6) as told (scope, network, ago, remaining, strikes)
         on conflict (network, scope, node) do update
         set since = excluded.since, until = excluded.until, strikes = excluded.strikes,
             lifted_at = null",
    )
    .bind::<SqlUuid, _>(node)
    .bind::<Array<Text>, _>(scopes)
    .bind::<Array<Inet>, _>(networks)
    .bind::<Array<Int8>, _>(ago)
    .bind::<Array<Int8>, _>(left)
    .bind::<Array<Int2>, _>(strikes)
    .execute(conn)?;
    Ok(())
}

/// The blocks that hold, those that end last first, at most `most`; with `within`, only those of
/// addresses in that network or around it.
pub fn holding(
    conn: &mut PgConnection,
    within: Option<IpNet>,
    most: i64,
) -> Result<Vec<BlockRow>, DbError> {
    Ok(diesel::sql_query(
        "select scope, network, min(since) as since, max(until) as until,
                max(strikes) as strikes, count(*) as nodes,
                (select name from service_credentials
                 where 'service:' || id = scope) as service
         from ip_blocks
         where until > now() and lifted_at is null and ($1 is null or network && $1)
         group by scope, network
         order by until desc, network, scope
         limit $2",
    )
    .bind::<Nullable<Inet>, _>(within)
    .bind::<BigInt, _>(most)
    .load(conn)?)
}

/// Ends a block at every node that has told of it. The number of the change that says so to the
/// nodes; `NotFound` if there is no such block any more.
pub fn lift(
    conn: &mut PgConnection,
    actor: &Actor,
    at: DateTime<Utc>,
    (scope, network): (IpScope, IpNet),
) -> Result<i64, DbError> {
    conn.transaction(|conn| {
        let scope = scope.to_string();
        let holding = ip_blocks::table
            .filter(ip_blocks::scope.eq(&scope))
            .filter(ip_blocks::network.eq(network))
            .filter(ip_blocks::lifted_at.is_null())
            .filter(ip_blocks::until.gt(now));
        let lifted = diesel::update(holding)
            .set(ip_blocks::lifted_at.eq(at))
            .execute(conn)?;
        if lifted == 0 {
            return Err(DbError::NotFound);
        }
        let seq = key_changes::drawn_here(conn)?;
        let (id, label) = (format!("{scope} {network}"), network.to_string());
        let target = Target {
            kind: "ip-block",
            id: &id,
            label: &label,
        };
        let entry = AuditEntry::new(Action::IpBlockLifted, target)
            .after(json!({ "scope": scope, "network": label }));
        audit_log::insert(conn, actor, at, &entry)?;
        Ok(seq)
    })
}

/// A node that starts blocks nobody, whatever it told before.
pub fn forget_node(conn: &mut PgConnection, node: Uuid) -> Result<usize, DbError> {
    Ok(diesel::delete(ip_blocks::table.filter(ip_blocks::node.eq(node))).execute(conn)?)
}

/// Deletes blocks that ended before `first_kept`.
pub fn forget_before(conn: &mut PgConnection, first_kept: DateTime<Utc>) -> Result<usize, DbError> {
    let old = ip_blocks::table.filter(ip_blocks::until.lt(first_kept));
    Ok(diesel::delete(old).execute(conn)?)
}
