//! The way by which a key revokes itself: the edge asks, a worker writes.
//!
//! The edge has no door to the database, so that nothing on the decision path can wait for one.

use tokio::sync::mpsc;
use tokio::sync::oneshot;

use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKeyId;

/// More than this many at once are told to come again.
const REVOCATIONS_CAPACITY: usize = 64;

/// A key asks for its own end.
pub struct OwnRevocation {
    pub account: AccountId,
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
    pub async fn ask(
        &self,
        account: AccountId,
        key: ApiKeyId,
        actor: Actor,
    ) -> OwnRevocationAnswer {
        let (answer, reply) = oneshot::channel();
        let asked = self.0.try_send(OwnRevocation {
            account,
            key,
            actor,
            answer,
        });
        if asked.is_err() {
            return OwnRevocationAnswer::Failed;
        }
        reply.await.unwrap_or(OwnRevocationAnswer::Failed)
    }
}
