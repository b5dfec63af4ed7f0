//! Ends keys that ask for their own end, one after another.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::db::Db;
use crate::db::api_keys;
use crate::db::api_keys::Revocation;
use crate::db::confirmation;
use crate::domain::clock::SharedClock;
use crate::verify::own_key::OwnRevocation;
use crate::verify::own_key::OwnRevocationAnswer;

/// What the audit log says of the cause.
const REASON: &str = "revoked by itself";

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

    /// Waits until no node takes the key any more.
    async fn confirm(&self, seq: i64) -> OwnRevocationAnswer {
        match confirmation::wait_applied(&self.db, seq).await {
            Ok(confirmation) if confirmation.is_complete() => OwnRevocationAnswer::Revoked,
            Ok(_) | Err(_) => OwnRevocationAnswer::Pending,
        }
    }
}
