//! What the mirror holds of each row: as much as a decision and its answer need.

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
    /// `None` for a service key.
    pub owner: Option<UserId>,
    pub name: Box<str>,
    pub category: Box<str>,
    /// Its scope: a preset, or `custom` or `inherit`.
    pub preset: Arc<PresetEntry>,
    /// Chosen one by one, for the scope `custom`.
    pub custom: Option<Box<Permissions>>,
    pub resources: Resources,
    /// What its requests are charged to, if it has limits. The ledger knows them.
    pub limits: Option<Arc<Cell>>,
    /// `None` is from everywhere.
    pub network: Option<Box<Network>>,
    pub times: KeyTimes,
    pub current: SecretEntry,
    /// The secret before, while the key rotates.
    pub retiring: Option<Box<SecretEntry>>,
}

impl KeyEntry {
    /// What its grant names. An `inherit` key has what its owner has instead.
    pub fn permissions(&self) -> &Permissions {
        self.custom.as_deref().unwrap_or(&self.preset.permissions)
    }

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
