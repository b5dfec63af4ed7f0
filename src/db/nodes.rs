//! The nodes that decide: heartbeats, and what each has applied.

mod states;

use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Bool;
use diesel::sql_types::Integer;
use diesel::sql_types::Text;
use serde_json::Value;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::schema::nodes;

pub use crate::db::nodes::states::NodeState;
pub use crate::db::nodes::states::UnreadableKey;
pub use crate::db::nodes::states::all;

/// A node that has been silent for this much longer than its lease has surely stopped deciding:
/// much more than two clocks drift apart within the longest lease.
pub const FENCE_MARGIN: Duration = Duration::from_millis(300);

/// A fenced node that fell silent longer ago is no news to whoever makes a change.
const FENCED_TOLD: Duration = Duration::from_mins(10);

/// What a node says of itself.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = nodes)]
pub struct NodeRow {
    pub id: Uuid,
    pub name: String,
    pub version: String,
    pub started_at: DateTime<Utc>,
    pub applied_seq: i64,
    pub lease_ms: i32,
}

/// How a node is, beside that it lives.
#[derive(Debug, Clone, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = nodes, treat_none_as_null = true)]
pub struct Vitals {
    /// Keys that it decides about.
    pub keys: i64,
    /// Keys that it refuses because their row cannot be read.
    pub unreadable: i64,
    /// The first of them: a list of `UnreadableKey`.
    pub unreadable_keys: Value,
    /// Records that are not in the request log yet.
    pub spool_bytes: i64,
    /// None of them is older than this.
    pub spool_since: Option<DateTime<Utc>>,
}

/// Makes the node known, or known anew. From here on every confirmed change waits for it.
pub fn register(conn: &mut PgConnection, node: &NodeRow) -> Result<(), DbError> {
    upsert(conn, node, false)
}

/// Makes the node known as one that does not decide: it reads everything first. Nobody waits for
/// it until its first heartbeat.
pub fn register_loading(conn: &mut PgConnection, node: &NodeRow) -> Result<(), DbError> {
    upsert(conn, node, true)
}

fn upsert(conn: &mut PgConnection, node: &NodeRow, loading: bool) -> Result<(), DbError> {
    let row = (
        node,
        nodes::heartbeat_at.eq(now),
        nodes::loading.eq(loading),
    );
    diesel::insert_into(nodes::table)
        .values(row)
        .on_conflict(nodes::id)
        .do_update()
        .set(row)
        .execute(conn)?;
    Ok(())
}

/// Says that the node lives and what it has applied, and tells the database's time.
/// `NotFound` if somebody has removed the node: it must register again.
pub fn beat(
    conn: &mut PgConnection,
    id: Uuid,
    applied_seq: i64,
    vitals: &Vitals,
) -> Result<DateTime<Utc>, DbError> {
    Ok(diesel::update(nodes::table.find(id))
        .set((
            vitals,
            nodes::loading.eq(false),
            nodes::heartbeat_at.eq(now),
            nodes::applied_seq.eq(applied_seq),
        ))
        .returning(nodes::heartbeat_at)
        .get_result(conn)?)
}

/// The node stops deciding and says so; nobody waits for it any more.
pub fn leave(conn: &mut PgConnection, id: Uuid) -> Result<(), DbError> {
    diesel::delete(nodes::table.find(id)).execute(conn)?;
    Ok(())
}

/// Removes nodes that have been silent since `before`. Their leases are long over.
pub fn forget_silent(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<usize, DbError> {
    let silent = nodes::table.filter(nodes::heartbeat_at.lt(before));
    Ok(diesel::delete(silent).execute(conn)?)
}

/// How far each node that decides has come with a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    pub applied: Vec<String>,
    /// Silent for their lease and the margin, lately: they decide nothing.
    pub fenced: Vec<String>,
    pub pending: Vec<Pending>,
}

/// A node that may still decide without the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub name: String,
    pub lease: Duration,
}

/// How far the nodes have come with the change `seq`, each list by name.
pub fn progress(conn: &mut PgConnection, seq: i64) -> Result<Progress, DbError> {
    let nodes: Vec<NodeProgress> = diesel::sql_query(
        "select name, lease_ms, applied_seq >= $1 as applied,
                heartbeat_at + (lease_ms + $2) * interval '1 millisecond' <= now() as fenced
         from nodes
         where not loading
           and heartbeat_at + (lease_ms + $2 + $3) * interval '1 millisecond' > now()
         order by name, id",
    )
    .bind::<BigInt, _>(seq)
    .bind::<Integer, _>(milliseconds(FENCE_MARGIN))
    .bind::<Integer, _>(milliseconds(FENCED_TOLD))
    .load(conn)?;
    let mut progress = Progress::default();
    for node in nodes {
        if node.fenced {
            progress.fenced.push(node.name);
        } else if node.applied {
            progress.applied.push(node.name);
        } else {
            progress.pending.push(Pending {
                name: node.name,
                lease: Duration::from_millis(u64::try_from(node.lease_ms).unwrap_or_default()),
            });
        }
    }
    Ok(progress)
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct NodeProgress {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    lease_ms: i32,
    #[diesel(sql_type = Bool)]
    applied: bool,
    #[diesel(sql_type = Bool)]
    fenced: bool,
}

fn milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
