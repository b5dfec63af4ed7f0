//! The nodes that decide: heartbeats, and what each has applied.

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

/// A node that has been silent for this much longer than its lease has surely stopped deciding.
pub const FENCE_MARGIN_MS: i32 = 500;

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

/// Which nodes may still decide, and which of them have not applied a change yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    pub live: usize,
    pub pending: Vec<String>,
}

/// How far the nodes have come with the change `seq`. One that has been silent for its lease and
/// the margin has fenced itself and counts no longer.
pub fn progress(conn: &mut PgConnection, seq: i64) -> Result<Progress, DbError> {
    let nodes: Vec<NodeProgress> = diesel::sql_query(
        "select name, applied_seq >= $1 as applied from nodes
         where heartbeat_at + (lease_ms + $2) * interval '1 millisecond' > now()
         order by name, id",
    )
    .bind::<BigInt, _>(seq)
    .bind::<Integer, _>(FENCE_MARGIN_MS)
    .load(conn)?;
    Ok(Progress {
        live: nodes.len(),
        pending: nodes
            .into_iter()
            .filter(|node| !node.applied)
            .map(|node| node.name)
            .collect(),
    })
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct NodeProgress {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    applied: bool,
}
