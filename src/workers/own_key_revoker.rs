//! Ends keys that ask for their own end, one after another.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::Revocation;
use crate::db::nodes;
use crate::domain::clock::SharedClock;
use crate::verify::own_key::OwnRevocation;
use crate::verify::own_key::OwnRevocationAnswer;

/// What the audit log says of the cause.
const REASON: &str = "revoked by itself";
const CONFIRM_POLL: Duration = Duration::from_millis(10);
const CONFIRM_PATIENCE: Duration = Duration::from_secs(3);

pub struct OwnKeyRevoker {
    db: Db,
    clock: SharedClock,
    requests: mpsc::Receiver<OwnRevocation>,
}

impl OwnKeyRevoker {
    pub fn new(db: Db, clock: SharedClock, requests: mpsc::Receiver<OwnRevocation>) -> Self {
        Self {
            db,
            clock,
            requests,
        }
    }

    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let request = tokio::select! {
                () = stop.cancelled() => return,
                request = self.requests.recv() => request,
            };
            let Some(request) = request else { return };
            let answer = self.revoke(&request).await;
            // A caller that went away does not undo its key's end.
            let _gone = request.answer.send(answer);
        }
    }

    async fn revoke(&self, request: &OwnRevocation) -> OwnRevocationAnswer {
        let (account_id, workspace_id) = (request.account, request.workspace);
        let (id, actor, now) = (request.key, request.actor.clone(), self.clock.now());
        let revoked = self
            .db
            .run(move |conn| {
                let reason = Some(REASON);
                let revocation = Revocation {
                    account_id,
                    workspace_id,
                    id,
                    reason,
                };
                api_keys::revoke(conn, &actor, now, &revocation)
            })
            .await;
        match revoked {
            Ok(seq) => self.confirm(seq).await,
            Err(error) if error.is_conflict_on(api_keys::ALREADY_REVOKED) => {
                OwnRevocationAnswer::AlreadyRevoked
            }
            Err(error) => {
                tracing::error!(%error, key = %id, "a key could not revoke itself");
                OwnRevocationAnswer::Failed
            }
        }
    }

    /// Waits until every live node has applied the change.
    async fn confirm(&self, seq: i64) -> OwnRevocationAnswer {
        let confirmed = async {
            loop {
                let progress = self.db.run(move |conn| nodes::progress(conn, seq)).await?;
                if progress.pending.is_empty() {
                    return Ok::<(), DbError>(());
                }
                tokio::time::sleep(CONFIRM_POLL).await;
            }
        };
        match tokio::time::timeout(CONFIRM_PATIENCE, confirmed).await {
            Ok(Ok(())) => OwnRevocationAnswer::Revoked,
            Ok(Err(_)) | Err(_) => OwnRevocationAnswer::Pending,
        }
    }
}
