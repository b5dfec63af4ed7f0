//! The way by which a key revokes itself: the edge asks, a worker writes.
//!
//! The edge has no door to the database, so that nothing on the decision path can wait for one.

use tokio::sync::mpsc;
use tokio::sync::oneshot;

use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKeyId;
use crate::verify::entry::KeyEntry;

/// More than this many at once are told to come again.
const REVOCATIONS_CAPACITY: usize = 64;

/// A key asks for its own end.
pub struct OwnRevocation {
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub key: ApiKeyId,
    pub actor: Actor,
    pub answer: oneshot::Sender<OwnRevocationAnswer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnRevocationAnswer {
    /// Every live node has applied it, or fenced itself.
    Revoked,
    /// Written, but some node has not confirmed yet.
    Pending,
    AlreadyRevoked,
    /// Not written.
    Failed,
}

#[derive(Clone)]
pub struct OwnRevocations(mpsc::Sender<OwnRevocation>);

impl OwnRevocations {
    pub fn channel() -> (Self, mpsc::Receiver<OwnRevocation>) {
        let (sender, receiver) = mpsc::channel(REVOCATIONS_CAPACITY);
        (Self(sender), receiver)
    }

    /// Waits for the worker's answer; `Failed` if it is too busy or gone.
    pub async fn ask(&self, key: &KeyEntry, actor: Actor) -> OwnRevocationAnswer {
        let (answer, reply) = oneshot::channel();
        let revocation = OwnRevocation {
            account: key.account,
            workspace: key.workspace,
            key: key.id,
            actor,
            answer,
        };
        if self.0.try_send(revocation).is_err() {
            return OwnRevocationAnswer::Failed;
        }
        reply.await.unwrap_or(OwnRevocationAnswer::Failed)
    }
}
