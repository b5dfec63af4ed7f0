//! The nodes that decide: heartbeats, and what each has applied.

use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Bool;
use diesel::sql_types::Integer;
use diesel::sql_types::Text;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::schema::nodes;

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

/// Makes the node known, or known anew. From here on every confirmed change waits for it.
pub fn register(conn: &mut PgConnection, node: &NodeRow) -> Result<(), DbError> {
    diesel::insert_into(nodes::table)
        .values((node, nodes::heartbeat_at.eq(now)))
        .on_conflict(nodes::id)
        .do_update()
        .set((node, nodes::heartbeat_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// Says that the node lives and what it has applied, and tells the database's time.
/// `NotFound` if somebody has removed the node: it must register again.
pub fn beat(conn: &mut PgConnection, id: Uuid, applied_seq: i64) -> Result<DateTime<Utc>, DbError> {
    Ok(diesel::update(nodes::table.find(id))
        .set((
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

/// How far each node has come with a change.
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
         where heartbeat_at + (lease_ms + $2 + $3) * interval '1 millisecond' > now()
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
