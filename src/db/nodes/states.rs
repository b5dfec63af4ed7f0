//! The nodes as the operator sees them.

use chrono::DateTime;
use chrono::Utc;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::schema::nodes;

/// Many more than anybody runs.
const NODES_MAX: i64 = 200;

/// A key whose row cannot be read, in the words of the node that tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableKey {
    pub key: String,
    pub fault: String,
}

/// What a node last said of itself.
#[derive(Queryable, Selectable)]
#[diesel(table_name = nodes)]
pub struct NodeState {
    pub id: Uuid,
    pub name: String,
    pub version: String,
    pub started_at: DateTime<Utc>,
    pub heartbeat_at: DateTime<Utc>,
    pub applied_seq: i64,
    pub lease_ms: i32,
    pub loading: bool,
    pub keys: i64,
    pub unreadable: i64,
    unreadable_keys: Value,
    pub spool_bytes: i64,
    pub spool_since: Option<DateTime<Utc>>,
    /// The time by the database's clock, as `heartbeat_at` is.
    #[diesel(select_expression = now.into_sql::<Timestamptz>())]
    pub database_now: DateTime<Utc>,
}

impl NodeState {
    /// The first of the keys that it cannot read.
    pub fn unreadable_keys(&self) -> Vec<UnreadableKey> {
        Vec::deserialize(&self.unreadable_keys).unwrap_or_default()
    }
}

/// Every node that is known, by name.
pub fn all(conn: &mut PgConnection) -> Result<Vec<NodeState>, DbError> {
    Ok(nodes::table
        .order((nodes::name, nodes::id))
        .limit(NODES_MAX)
        .select(NodeState::as_select())
        .load(conn)?)
}
