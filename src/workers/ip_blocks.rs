//! Tells Postgres which addresses this node blocks, so that the operator sees them.

use std::collections::HashMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::db::Db;
use crate::db::DbError;
use crate::db::ip_blocks;
use crate::db::ip_blocks::Told;
use crate::domain::clock::SharedClock;
use crate::verify::ip_block::Block;
use crate::verify::ip_block::IpBlocks;
use crate::verify::ip_block::Place;

const INTERVAL: Duration = Duration::from_secs(2);
/// A flood from many addresses is told piece by piece.
const PER_ROUND: usize = 500;

pub struct IpBlockTeller {
    db: Db,
    blocks: IpBlocks,
    clock: SharedClock,
    node: Uuid,
    /// Whether what this node told before its start is gone.
    begun: bool,
}

impl IpBlockTeller {
    pub fn new(db: Db, blocks: IpBlocks, clock: SharedClock, node: Uuid) -> Self {
        Self {
            db,
            blocks,
            clock,
            node,
            begun: false,
        }
    }

    /// Every two seconds until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.run_once().await {
                tracing::debug!(%error, "blocked addresses wait for the database");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    /// How many blocks were told. What cannot be stored is told in a later round.
    pub async fn run_once(&mut self) -> Result<usize, DbError> {
        let node = self.node;
        if !self.begun {
            self.db
                .run(move |conn| ip_blocks::forget_node(conn, node))
                .await?;
            self.begun = true;
        }
        let blocks = self.blocks.untold(PER_ROUND);
        let told = told(&blocks, self.clock.monotonic());
        let count = told.len();
        let stored = self
            .db
            .run(move |conn| ip_blocks::tell(conn, node, &told))
            .await;
        if let Err(error) = stored {
            self.blocks.put_back(blocks);
            return Err(error);
        }
        Ok(count)
    }
}

/// The last block of each address.
fn told(blocks: &[Block], now: Duration) -> Vec<Told> {
    let last: HashMap<Place, &Block> = blocks
        .iter()
        .map(|block| ((block.scope, block.network), block))
        .collect();
    let mut told: Vec<Told> = last.into_values().map(|block| one(block, now)).collect();
    // In order, so that two nodes do not deadlock.
    told.sort_unstable_by_key(|one| (one.network, one.scope));
    told
}

fn one(block: &Block, now: Duration) -> Told {
    Told {
        scope: block.scope,
        network: block.network,
        begun_us_ago: micros(now.saturating_sub(block.since)),
        left_us: micros(block.until.saturating_sub(now)),
        strikes: i16::try_from(block.strikes).unwrap_or(i16::MAX),
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
