//! Brings the counts of unknown keys to Postgres.

use std::time::Duration;

use chrono::DateTime;
use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::DbError;
use crate::db::failed_attempts;
use crate::db::failed_attempts::Attempts;
use crate::verify::failed_attempts::FailedAttempts;

const INTERVAL: Duration = Duration::from_secs(5);

pub struct FailedAttemptsFlush {
    db: Db,
    counted: FailedAttempts,
}

impl FailedAttemptsFlush {
    pub fn new(db: Db, counted: FailedAttempts) -> Self {
        Self { db, counted }
    }

    /// Every five seconds until `stop`, and once more then.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
            if let Err(error) = self.run_once().await {
                tracing::debug!(%error, "the counts of unknown keys wait for the database");
            }
        }
    }

    /// What cannot be stored is counted on.
    pub async fn run_once(&self) -> Result<usize, DbError> {
        let counts = self.counted.drain();
        let attempts: Vec<Attempts> = counts
            .iter()
            .filter_map(|(minute, address, count)| {
                Some(Attempts {
                    minute: DateTime::from_timestamp(minute * 60, 0)?,
                    address: *address,
                    count: i64::try_from(*count).unwrap_or(i64::MAX),
                })
            })
            .collect();
        let stored = self
            .db
            .run(move |conn| failed_attempts::add(conn, attempts))
            .await;
        if let Err(error) = stored {
            self.counted.put_back(counts);
            return Err(error);
        }
        Ok(counts.len())
    }
}
