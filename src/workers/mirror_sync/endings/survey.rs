//! What a database holds, beside what the node has heard of before.

use std::collections::HashMap;

use crate::db::api_keys::KeyPlace;
use crate::db::mirror::CredentialRow;
use crate::db::mirror::KeyRow;
use crate::db::mirror::SecretRow;
use crate::db::restored::End;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::workers::mirror_sync::endings::file::KeyEnd;
use crate::workers::mirror_sync::endings::file::Known;
use crate::workers::mirror_sync::endings::file::State;

/// Made while everything is read.
pub struct Survey {
    /// What is left of it names nothing that the database has.
    known: Known,
    /// An older copy than what the node has heard of.
    restored: bool,
    here: HashMap<ApiKeyId, KeyEnd>,
    /// Keys that were further than they are here.
    behind: Vec<(KeyPlace, KeyEnd)>,
    credentials: Vec<ApiKeyId>,
}

impl Survey {
    /// `restored`, if the database lacks the last change that was heard of.
    pub fn new(known: Known, restored: bool) -> Self {
        Self {
            known,
            restored,
            here: HashMap::new(),
            behind: Vec::new(),
            credentials: Vec::new(),
        }
    }

    pub fn see_key(&mut self, row: &KeyRow, secrets: &[SecretRow]) {
        let Ok(id) = row.id.parse::<ApiKeyId>() else {
            return;
        };
        let now = end_of(row, secrets);
        if let Some(then) = self.known.keys.remove(&id) {
            // Neither is ever taken back, so this alone tells an older copy.
            let is_older = then.state == State::Revoked && now.state != State::Revoked
                || then.generation > now.generation;
            self.restored |= is_older;
            if is_older || then.state == State::Disabled && now.state == State::Live {
                let place = (AccountId(row.account_id), WorkspaceId(row.workspace_id), id);
                self.behind.push((place, then));
            }
        }
        if !now.is_plain() {
            self.here.insert(id, now);
        }
    }

    pub fn see_credential(&mut self, row: &CredentialRow) {
        let Ok(id) = row.id.parse::<ApiKeyId>() else {
            return;
        };
        if row.revoked_at.is_some() {
            self.known.credentials.insert(id);
        } else if self.known.credentials.contains(&id) {
            self.restored = true;
            self.credentials.push(id);
        }
    }

    pub fn is_restored(&self) -> bool {
        self.restored
    }

    /// What has to end here too. Without an older copy, who is live again was switched on while
    /// this node was away. A rotated key has a secret that this database does not know, and its old
    /// one may be why: it is disabled until somebody rotates it again.
    pub fn to_end(&self) -> Vec<(KeyPlace, End)> {
        let behind = self.behind.iter().filter(|_| self.restored);
        behind
            .map(|(place, then)| match then.state {
                State::Revoked => (*place, End::Revoked),
                State::Live | State::Disabled => (*place, End::Disabled),
            })
            .collect()
    }

    pub fn credentials_to_end(&self) -> Vec<ApiKeyId> {
        self.credentials.clone()
    }

    /// For the file: what is here, and what was heard of keys that are not here any more.
    pub fn into_known(mut self) -> Known {
        self.known.keys.extend(self.here);
        self.known
    }
}

/// How far the key has come; its secrets are in order, newest first.
pub fn end_of(row: &KeyRow, secrets: &[SecretRow]) -> KeyEnd {
    let state = if row.revoked_at.is_some() {
        State::Revoked
    } else if row.disabled_at.is_some() {
        State::Disabled
    } else {
        State::Live
    };
    KeyEnd {
        state,
        generation: secrets.first().map_or(1, |secret| secret.generation),
    }
}
