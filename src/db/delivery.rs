//! Waiting until every node has delivered what it decided before a change.
//!
//! A node writes its decisions to its own disk and ships them a little later; with each heartbeat
//! it says when the shipping that last reached the end began. Of a node that has applied the
//! change, one such time may belong to a shipping that was on its way; the second new one belongs
//! to one that began after the change, and so carried everything that was decided before it.

use std::collections::HashMap;
use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Bool;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;
use tokio::time::Instant;
use uuid::Uuid;

use crate::db::Db;
use crate::db::DbError;
use crate::db::nodes::FENCE_MARGIN;

const POLL: Duration = Duration::from_millis(100);

/// Nodes ship every second; one that takes longer than this is behind.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a node must have shipped everything anew.
const SHIPPINGS: u8 = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    Complete,
    /// By name: what these have decided is not known. They are silent, or behind.
    Missing(Vec<String>),
}

/// Waits until the request log holds all that was decided before the change `seq` about what was
/// made at `made_at`. Nodes that fell silent before that cannot have decided about it.
pub async fn wait_delivered(
    db: &Db,
    seq: i64,
    made_at: DateTime<Utc>,
) -> Result<Delivery, DbError> {
    let started = Instant::now();
    let mut seen: HashMap<Uuid, Seen> = HashMap::new();
    loop {
        let nodes = db.run(move |conn| nodes(conn, seq, made_at)).await?;
        let mut missing = Vec::new();
        let mut silent = false;
        for node in nodes {
            let seen = seen.entry(node.id).or_default();
            if node.applied && !node.silent {
                seen.note(node.shipped_at);
            }
            silent |= node.silent;
            if seen.times < SHIPPINGS {
                missing.push(node.name);
            }
        }
        if missing.is_empty() {
            return Ok(Delivery::Complete);
        }
        if silent || started.elapsed() >= PATIENCE {
            return Ok(Delivery::Missing(missing));
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The shippings of one node.
#[derive(Default)]
struct Seen {
    first: bool,
    last: Option<DateTime<Utc>>,
    times: u8,
}

impl Seen {
    fn note(&mut self, shipped_at: Option<DateTime<Utc>>) {
        if self.first && shipped_at != self.last {
            self.times = self.times.saturating_add(1);
        }
        self.first = true;
        self.last = shipped_at;
    }
}

/// Those that may have decided about what was made at `made_at`, as their own clocks and this one
/// agree to a minute.
fn nodes(
    conn: &mut PgConnection,
    seq: i64,
    made_at: DateTime<Utc>,
) -> Result<Vec<NodeRow>, DbError> {
    let margin = i32::try_from(FENCE_MARGIN.as_millis()).unwrap_or(i32::MAX);
    Ok(diesel::sql_query(
        "select id, name, applied_seq >= $1 and not loading as applied, spool_since as shipped_at,
                heartbeat_at + (lease_ms + $3) * interval '1 millisecond' <= now() as silent
         from nodes
         where heartbeat_at + (lease_ms + $3) * interval '1 millisecond'
               > $2 - interval '1 minute'
         order by name, id",
    )
    .bind::<BigInt, _>(seq)
    .bind::<Timestamptz, _>(made_at)
    .bind::<Integer, _>(margin)
    .load(conn)?)
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct NodeRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    applied: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    shipped_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    silent: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipping_that_may_have_been_under_way_does_not_count() {
        let at = |second| DateTime::from_timestamp(second, 0);
        let mut seen = Seen::default();
        for (shipped_at, times) in [(at(1), 0), (at(1), 0), (at(2), 1), (at(2), 1), (at(1), 2)] {
            seen.note(shipped_at);
            assert_eq!(seen.times, times);
        }
    }
}
