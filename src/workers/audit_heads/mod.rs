//! Keeps outside the database how far the audit log's chains go, so that a log which was cut off,
//! or written anew from some row on, is found out by `latchkey audit verify`.

mod file;

use std::io;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::DbError;
use crate::db::audit_log::chain;
use crate::domain::audit::chain::Head;

pub use crate::workers::audit_heads::file::HeadsFile;
pub use crate::workers::audit_heads::file::Seen;

const INTERVAL: Duration = Duration::from_secs(30);
/// Rows are numbered before they are written for good: one so far behind may come after.
const LATE_ENTRIES: i64 = 1_000;

pub struct AuditHeads {
    db: Db,
    file: HeadsFile,
    /// Chains that are not what was seen of them, which is said once.
    told: Vec<i32>,
}

#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    #[error(transparent)]
    Database(#[from] DbError),
    #[error("the file of the audit log's heads: {0}")]
    File(#[from] io::Error),
}

impl AuditHeads {
    pub fn new(db: Db, file: HeadsFile) -> Self {
        Self {
            db,
            file,
            told: Vec::new(),
        }
    }

    /// Runs at once and then every half minute, and once more at the end.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let last = stop.is_cancelled();
            if let Err(error) = self.run_once().await {
                tracing::warn!(%error, "the audit log's heads were not kept");
            }
            if last {
                return;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    /// Goes on from what was seen. A chain that is not that any more stays as it was seen.
    pub async fn run_once(&mut self) -> Result<(), HeadsError> {
        let (db, file) = (self.db.clone(), self.file.clone());
        let looked = tokio::task::spawn_blocking(move || look(&db, &file));
        let lost = looked.await.map_err(io::Error::other)??;
        for chain in lost {
            if !self.told.contains(&chain) {
                self.told.push(chain);
                tracing::error!(
                    chain,
                    "the audit log is not what was seen of it: run `latchkey audit verify`"
                );
            }
        }
        Ok(())
    }
}

/// Keeps what there is to see, and returns the chains that contradict what was kept.
fn look(db: &Db, file: &HeadsFile) -> Result<Vec<i32>, HeadsError> {
    let before = file.read()?.unwrap_or_default();
    let after = before.entry.saturating_sub(LATE_ENTRIES);
    let mut seen = before.clone();
    let lost = db.run_blocking(|conn| {
        let heads = chain::heads_since(conn, after)?;
        let of = |chain: &i32| seen.heads.get(chain).map(|head| (*chain, *head));
        let known: Vec<_> = heads.of.iter().filter_map(|(chain, _)| of(chain)).collect();
        let lost = chain::lost(conn, &known)?;
        for (chain, head) in heads.of {
            let is_further = |seen: &Head| seen.seq < head.seq;
            if seen.heads.get(&chain).is_none_or(is_further) && !lost.contains(&chain) {
                seen.heads.insert(chain, head);
            }
        }
        seen.entry = seen.entry.max(heads.entry);
        Ok(lost)
    })?;
    if seen != before {
        file.write(&seen)?;
    }
    Ok(lost)
}
