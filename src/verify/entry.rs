//! What the mirror holds of each row: as much as a decision and its answer need.

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;

use crate::crypto::digest::Digest;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::key_state::KeyTimes;
use crate::domain::person::UserId;

pub struct AccountEntry {
    pub id: AccountId,
    pub public_id: String,
    pub domain: String,
    pub customer_id: String,
    pub suspended: bool,
}

pub struct WorkspaceEntry {
    pub id: WorkspaceId,
    pub public_id: String,
    pub slug: String,
}

pub struct PersonEntry {
    pub id: UserId,
    pub email: String,
}

/// One version of a preset. Versions never change.
pub struct PresetEntry {
    pub slug: String,
    pub permissions: Vec<String>,
}

pub struct CredentialEntry {
    pub id: ApiKeyId,
    pub name: String,
    pub digest: Digest,
    pub revoked: bool,
}

/// One secret of a key.
pub struct SecretEntry {
    pub generation: i16,
    pub digest: Digest,
    /// When it stops working although the key lives on.
    pub retires_at: Option<DateTime<Utc>>,
}

pub struct KeyEntry {
    pub id: ApiKeyId,
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub created_by: UserId,
    pub name: Box<str>,
    pub category: Box<str>,
    pub preset: Arc<PresetEntry>,
    pub times: KeyTimes,
    pub current: SecretEntry,
    /// The secret before, while the key rotates.
    pub retiring: Option<Box<SecretEntry>>,
}

impl KeyEntry {
    /// The secret with this digest, compared in constant time.
    pub fn secret(&self, digest: &Digest) -> Option<&SecretEntry> {
        if self.current.digest.matches(digest) {
            return Some(&self.current);
        }
        self.retiring
            .as_deref()
            .filter(|old| old.digest.matches(digest))
    }
}
