//! The check: from a presented secret to a decision, with no database call on the way.

pub mod app_usage;
pub mod credential_use;
mod decide;
pub mod entry;
pub mod failed_attempts;
pub mod grant;
pub mod ip_block;
pub mod lease;
pub mod ledger;
mod limits;
pub mod metered;
pub mod mirror;
mod origins;
pub mod own_key;
pub mod unreadable;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::crypto::digest::Pepper;
use crate::crypto::service_credential;
use crate::crypto::service_credential::ServicePrefix;
use crate::domain::account::CredentialKind;
use crate::domain::clock::SharedClock;
use crate::domain::decision::DenyReason;
use crate::domain::grant::Permissions;
use crate::domain::ip_scope::IpScope;
use crate::domain::judgement;
pub use crate::domain::judgement::Ask;
pub use crate::domain::judgement::Origin;
use crate::domain::judgement::Refusal;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::limit::LimitStates;
use crate::verify::entry::AccountEntry;
use crate::verify::entry::CredentialEntry;
use crate::verify::entry::KeyEntry;
use crate::verify::entry::PersonEntry;
use crate::verify::entry::WorkspaceEntry;
use crate::verify::ip_block::IpBlocks;
use crate::verify::ledger::Receipt;
use crate::verify::metered::Metered;
use crate::verify::mirror::Mirror;

/// What a caller presents, and what for.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    pub secret: &'a str,
    /// In which header it came; `None` where somebody else took it from the request.
    pub credential: Option<CredentialKind>,
    /// The `customer-id` header, if sent: it must be the account's.
    pub customer_id: Option<&'a str>,
    pub ip: Option<IpAddr>,
    /// Where the address is counted that sends unknown keys; `None` where it is not ours to count.
    pub scope: Option<IpScope>,
    pub origin: Origin<'a>,
    pub ask: Ask<'a>,
    /// What the request costs if it is allowed.
    pub credits: u32,
    /// Whether it is a request to the API, which limits and plans count.
    pub counts: bool,
    /// A fault of the request itself, told once the key is known and before anything is charged.
    pub fault: Option<DenyReason>,
}

impl<'a> Attempt<'a> {
    /// A key alone: nothing but its state is asked.
    pub fn of(secret: &'a str) -> Self {
        Self {
            secret,
            credential: None,
            customer_id: None,
            ip: None,
            scope: None,
            origin: Origin::NotTold,
            ask: Ask::default(),
            credits: 0,
            counts: true,
            fault: None,
        }
    }
}

/// The key whose secret matched, and what it belongs to.
#[derive(Clone)]
pub struct Holder {
    pub key: Arc<KeyEntry>,
    pub account: Arc<AccountEntry>,
    pub workspace: Arc<WorkspaceEntry>,
    /// Which of the key's secrets was presented.
    pub generation: i16,
    /// What its owner may do, for a key that may do the same.
    pub inherited: Option<Arc<Permissions>>,
}

impl Holder {
    /// What the key may do at this moment.
    pub fn permissions(&self) -> &Permissions {
        self.inherited
            .as_deref()
            .unwrap_or_else(|| self.key.permissions())
    }
}

/// Proof that a request passed every step. The gateway forwards nothing without one.
pub struct Permit {
    pub holder: Holder,
    /// The key's limits after this request.
    pub limits: LimitStates,
    /// What it uses of the account's meters.
    pub metered: Metered,
    /// Of what was charged.
    receipt: Receipt,
}

pub struct Denial {
    pub reason: DenyReason,
    /// Present once the secret matched: such a refusal is a row in the key's log.
    pub holder: Option<Holder>,
    /// What was missing or used up, by name: a permission, an address, an origin, a meter.
    pub missing: Option<Box<str>>,
    /// When it is worth to come again, where that is known.
    pub retry_after: Option<Duration>,
    /// The key's limits, where they were looked at.
    pub limits: LimitStates,
}

impl Denial {
    pub fn new(reason: DenyReason, holder: Option<Holder>) -> Self {
        Self {
            reason,
            holder,
            missing: None,
            retry_after: None,
            limits: LimitStates::default(),
        }
    }

    /// The words of the `documented` profile, with the name of what was missing.
    pub fn message(&self) -> Cow<'static, str> {
        judgement::message(self.reason, self.missing.as_deref())
    }

    fn refused(refusal: Refusal, holder: Holder) -> Self {
        Self {
            missing: refusal.missing,
            ..Self::new(refusal.reason, Some(holder))
        }
    }
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

    /// The person whose key it is, if they are still known; `None` for a service key.
    pub fn owner(&self, key: &KeyEntry) -> Option<Arc<PersonEntry>> {
        self.mirror.tables().person(key.owner?)
    }

    /// The service credential that `secret` is, if it is one that works.
    pub fn service(&self, secret: &str) -> Result<Option<Arc<CredentialEntry>>, Unavailable> {
        let Some(id) = service_credential::id_of(&self.service_prefix, secret) else {
            return Ok(None);
        };
        let now = self.clock.monotonic();
        let now_us = self.mirror.lease().now_us(now).ok_or(Unavailable)?;
        let credential = self.mirror.tables().credential(id);
        let digest = self.pepper.digest(secret);
        let known = credential.filter(|known| !known.revoked && known.digest.matches(&digest));
        if let Some(known) = &known {
            let used = self.mirror.credential_use();
            used.note(known.id, now_us);
        }
        Ok(known)
    }

    /// How many keys are refused because their row cannot be read.
    pub fn unreadable_keys(&self) -> usize {
        self.mirror.tables().unreadable().count()
    }

    /// Whether some key may be used by pages of this origin, as far as this node may tell.
    pub fn allows_origin(&self, origin: &str) -> bool {
        let now = self.mirror.lease().now(self.clock.monotonic());
        now.is_some_and(|now| self.mirror.tables().origins().allow(origin, now))
    }

    pub fn ip_blocks(&self) -> &IpBlocks {
        self.mirror.ip_blocks()
    }

    /// Whether this node may decide now.
    pub fn is_ready(&self) -> bool {
        self.mirror.lease().now(self.clock.monotonic()).is_some()
    }
}
