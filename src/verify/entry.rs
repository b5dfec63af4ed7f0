//! What the mirror holds of each row: as much as a decision and its answer need.

mod stamp;

use std::num::NonZero;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;

use crate::crypto::digest::Digest;
use crate::domain::account::AccountId;
use crate::domain::account::CredentialKind;
use crate::domain::account::ErrorProfile;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::grant;
use crate::domain::grant::Permissions;
use crate::domain::grant::Resources;
use crate::domain::key_state::KeyTimes;
use crate::domain::network::Network;
use crate::domain::person::UserId;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;
use crate::verify::ledger::Cell;

pub use crate::verify::entry::stamp::Stamp;

#[cfg(test)]
mod tests;

pub struct AccountEntry {
    pub id: AccountId,
    pub public_id: String,
    pub domain: String,
    pub customer_id: String,
    pub suspended: bool,
    /// The slug of its plan.
    pub plan: Box<str>,
    pub profile: ErrorProfile,
    /// Ways to send a key that it does not take.
    pub refused_credentials: Vec<CredentialKind>,
}

pub struct WorkspaceEntry {
    pub id: WorkspaceId,
    pub public_id: String,
    pub slug: String,
}

pub struct PersonEntry {
    pub id: UserId,
    pub email: String,
    /// May do nothing, and neither may the keys that do what this person may.
    pub disabled: bool,
}

/// Where a person is a member, and as what.
#[derive(Debug, Default)]
pub struct MemberEntry {
    pub accounts: Box<[(AccountId, AccountRole)]>,
    pub workspaces: Box<[(WorkspaceId, WorkspaceRole)]>,
}

impl MemberEntry {
    /// What the person is in a workspace: by a role in its account, or by one of its own.
    pub fn role(&self, account: AccountId, workspace: WorkspaceId) -> Option<WorkspaceRole> {
        let (_, in_account) = self.accounts.iter().find(|(id, _)| *id == account)?;
        in_account.everywhere().or_else(|| {
            let mut roles = self.workspaces.iter();
            roles
                .find(|(id, _)| *id == workspace)
                .map(|(_, role)| *role)
        })
    }
}

/// One version of a preset, or one of the scopes that are none. Versions never change.
pub struct PresetEntry {
    pub slug: String,
    pub permissions: Permissions,
}

impl PresetEntry {
    /// Whether its keys may do what their owners may.
    pub fn is_inherit(&self) -> bool {
        self.slug == grant::INHERIT
    }
}

pub struct CredentialEntry {
    pub id: ApiKeyId,
    pub name: String,
    pub digest: Digest,
    pub revoked: bool,
}

/// When a key ends or has ended, as `KeyTimes` in less room.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyEnds {
    pub revoked_at: Option<Stamp>,
    pub disabled_at: Option<Stamp>,
    pub expires_at: Option<Stamp>,
}

impl From<KeyTimes> for KeyEnds {
    fn from(times: KeyTimes) -> Self {
        Self {
            revoked_at: times.revoked_at.map(Stamp::from),
            disabled_at: times.disabled_at.map(Stamp::from),
            expires_at: times.expires_at.map(Stamp::from),
        }
    }
}

/// One secret of a key.
pub struct SecretEntry {
    pub generation: NonZero<i16>,
    pub digest: Digest,
    /// When it stops working although the key lives on.
    pub retires_at: Option<Stamp>,
}

impl SecretEntry {
    /// At its very moment it has.
    pub fn has_ended(&self, now: DateTime<Utc>) -> bool {
        self.retires_at.is_some_and(|end| now >= end.at())
    }

    /// Orders secrets by how long they work, and the newer after the older.
    fn lasts(&self) -> (bool, Option<DateTime<Utc>>, NonZero<i16>) {
        let end = self.retires_at.map(Stamp::at);
        (end.is_none(), end, self.generation)
    }
}

/// A node holds every key, so what few of them have is kept aside of what all have.
pub struct KeyEntry {
    pub id: ApiKeyId,
    pub account: AccountId,
    pub workspace: WorkspaceId,
    /// `None` for a service key.
    pub owner: Option<UserId>,
    pub name: Box<str>,
    /// Shared: many keys have one of few.
    pub category: Arc<str>,
    /// Its scope: a preset, or `inherit`, or `custom` with the permissions that were chosen.
    pub preset: Arc<PresetEntry>,
    /// `None` is all.
    pub resources: Option<Box<Resources>>,
    /// What its requests are charged to, if it has limits. The ledger knows them.
    pub limits: Option<Arc<Cell>>,
    /// `None` is from everywhere.
    pub network: Option<Box<Network>>,
    pub ends: KeyEnds,
    /// `None` only while a load has not come to it; nothing matches it.
    pub current: Option<SecretEntry>,
    /// The secret before, while the key rotates.
    pub retiring: Option<Box<SecretEntry>>,
}

static ALL: Resources = Resources::ALL;

impl KeyEntry {
    /// What its grant names. An `inherit` key has what its owner has instead.
    pub fn permissions(&self) -> &Permissions {
        &self.preset.permissions
    }

    pub fn resources(&self) -> &Resources {
        self.resources.as_deref().unwrap_or(&ALL)
    }

    pub fn times(&self) -> KeyTimes {
        let retiring = self.retiring.as_deref();
        KeyTimes {
            revoked_at: self.ends.revoked_at.map(Stamp::at),
            disabled_at: self.ends.disabled_at.map(Stamp::at),
            expires_at: self.expires_at(),
            retires_at: retiring.and_then(|old| old.retires_at).map(Stamp::at),
        }
    }

    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.ends.expires_at.map(Stamp::at)
    }

    /// The secret with this digest, compared in constant time.
    pub fn secret(&self, digest: &Digest) -> Option<&SecretEntry> {
        let has_it = |secret: &&SecretEntry| secret.digest.matches(digest);
        let current = self.current.as_ref().filter(has_it);
        current.or_else(|| self.retiring.as_deref().filter(has_it))
    }

    /// One of its secrets, in any order. The newest is the current one; of the others one is kept,
    /// that which works longest: two never do, but the one just before the current one may have
    /// been dropped in favour of its own predecessor.
    pub fn add_secret(&mut self, secret: SecretEntry) {
        let older = match &mut self.current {
            Some(newest) if secret.generation < newest.generation => secret,
            current => match current.replace(secret) {
                Some(older) => older,
                None => return,
            },
        };
        let kept = self.retiring.as_deref();
        if kept.is_none_or(|kept| kept.lasts() < older.lasts()) {
            self.retiring = Some(Box::new(older));
        }
    }
}
