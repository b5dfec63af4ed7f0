//! The check: from a presented secret to a decision, with no database call on the way.

mod decide;
pub mod entry;
pub mod failed_attempts;
pub mod lease;
pub mod mirror;
pub mod own_key;

use std::sync::Arc;

use crate::crypto::digest::Pepper;
use crate::crypto::service_credential;
use crate::crypto::service_credential::ServicePrefix;
use crate::domain::clock::SharedClock;
use crate::domain::decision::DenyReason;
use crate::domain::key_prefix::KeyPrefix;
use crate::verify::entry::AccountEntry;
use crate::verify::entry::CredentialEntry;
use crate::verify::entry::KeyEntry;
use crate::verify::entry::PersonEntry;
use crate::verify::entry::WorkspaceEntry;
use crate::verify::mirror::Mirror;

/// What a caller presents.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    pub secret: &'a str,
    /// The `customer-id` header, if sent: it must be the account's.
    pub customer_id: Option<&'a str>,
}

/// The key whose secret matched, and what it belongs to.
#[derive(Clone)]
pub struct Holder {
    pub key: Arc<KeyEntry>,
    pub account: Arc<AccountEntry>,
    pub workspace: Arc<WorkspaceEntry>,
    /// Which of the key's secrets was presented.
    pub generation: i16,
}

/// Proof that a request passed every step. The gateway forwards nothing without one.
pub struct Permit {
    pub holder: Holder,
}

pub struct Denial {
    pub reason: DenyReason,
    /// Present once the secret matched: such a refusal is a row in the key's log.
    pub holder: Option<Holder>,
}

pub enum Decision {
    Allow(Permit),
    Deny(Denial),
}

/// This node cannot vouch for an answer: its news of the keys is too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this node has not heard from its database for too long to decide")]
pub struct Unavailable;

/// Decides. A cheap handle; one per process, cloned to each worker.
#[derive(Clone)]
pub struct Verifier {
    mirror: Mirror,
    prefix: KeyPrefix,
    service_prefix: ServicePrefix,
    pepper: Pepper,
    clock: SharedClock,
}

impl Verifier {
    pub fn new(mirror: Mirror, prefix: KeyPrefix, pepper: Pepper, clock: SharedClock) -> Self {
        let service_prefix = ServicePrefix::of(&prefix);
        Self {
            mirror,
            prefix,
            service_prefix,
            pepper,
            clock,
        }
    }

    pub fn prefix(&self) -> &KeyPrefix {
        &self.prefix
    }

    /// The person who made the key, if they are still known.
    pub fn owner(&self, key: &KeyEntry) -> Option<Arc<PersonEntry>> {
        self.mirror.tables().person(key.created_by)
    }

    /// The service credential that `secret` is, if it is one that works.
    pub fn service(&self, secret: &str) -> Result<Option<Arc<CredentialEntry>>, Unavailable> {
        let Some(id) = service_credential::id_of(&self.service_prefix, secret) else {
            return Ok(None);
        };
        self.mirror
            .lease()
            .now(self.clock.monotonic())
            .ok_or(Unavailable)?;
        let credential = self.mirror.tables().credential(id);
        let digest = self.pepper.digest(secret);
        Ok(credential.filter(|known| !known.revoked && known.digest.matches(&digest)))
    }

    /// Whether this node may decide now.
    pub fn is_ready(&self) -> bool {
        self.mirror.lease().now(self.clock.monotonic()).is_some()
    }
}
