//! Brings the last use of service credentials to Postgres.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::DbError;
use crate::db::service_credentials;
use crate::verify::credential_use::CredentialUse;

const INTERVAL: Duration = Duration::from_secs(5);

pub struct CredentialUseFlush {
    db: Db,
    used: CredentialUse,
}

impl CredentialUseFlush {
    pub fn new(db: Db, used: CredentialUse) -> Self {
        Self { db, used }
    }

    /// Every five seconds until `stop`, and once more then.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
            if let Err(error) = self.run_once().await {
                tracing::debug!(%error, "the use of service credentials waits for the database");
            }
        }
    }

    /// What cannot be stored is told the next time.
    pub async fn run_once(&self) -> Result<usize, DbError> {
        let used = self.used.drain();
        if used.is_empty() {
            return Ok(0);
        }
        let told = used.clone();
        let stored = self
            .db
            .run(move |conn| service_credentials::note_used(conn, &told))
            .await;
        if stored.is_err() {
            self.used.put_back(&used);
        }
        stored
    }
}
