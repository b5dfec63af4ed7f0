//! What a database holds, beside what the node has heard of before.

use std::collections::HashMap;

use crate::db::api_keys::KeyPlace;
use crate::db::mirror::CredentialRow;
use crate::db::mirror::KeyName;
use crate::db::mirror::KeyRow;
use crate::db::mirror::SecretRow;
use crate::db::mirror::StoredKey;
use crate::db::restored::End;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::workers::mirror_sync::endings::file::KeyEnd;
use crate::workers::mirror_sync::endings::file::Known;
use crate::workers::mirror_sync::endings::file::State;

/// How far every key has come at least.
const NEW: KeyEnd = KeyEnd {
    state: State::Live,
    generation: 1,
};

/// Made while everything is read.
pub struct Survey {
    /// What is left of it names nothing that the database has.
    known: Known,
    /// An older copy than what the node has heard of.
    restored: bool,
    here: HashMap<ApiKeyId, KeyEnd>,
    /// Those of the keys here that were heard of before.
    heard: Vec<(KeyPlace, KeyEnd)>,
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
            heard: Vec::new(),
            behind: Vec::new(),
            credentials: Vec::new(),
        }
    }

    /// As far as its own row tells; its secrets are seen later.
    pub fn see_key(&mut self, row: &KeyRow<'_>) {
        let state = state_of(row);
        if state == State::Live && self.known.keys.is_empty() {
            return;
        }
        let Ok(id) = row.id.parse::<ApiKeyId>() else {
            return;
        };
        if let Some(then) = self.known.keys.remove(&id) {
            let place = (AccountId(row.account_id), WorkspaceId(row.workspace_id), id);
            self.heard.push((place, then));
        }
        if state != State::Live {
            self.here.insert(id, KeyEnd { state, ..NEW });
        }
    }

    pub fn see_secret(&mut self, (_, id): KeyName<'_>, row: &SecretRow) {
        if row.generation <= NEW.generation {
            return;
        }
        if let Ok(id) = id.parse() {
            let end = self.here.entry(id).or_insert(NEW);
            end.generation = end.generation.max(row.generation);
        }
    }

    /// All keys and secrets were seen.
    pub fn finish(&mut self) {
        for (place, then) in std::mem::take(&mut self.heard) {
            let now = self.here.get(&place.2).copied().unwrap_or(NEW);
            // Neither is ever taken back, so this alone tells an older copy.
            let is_older = then.state == State::Revoked && now.state != State::Revoked
                || then.generation > now.generation;
            self.restored |= is_older;
            if is_older || then.state == State::Disabled && now.state == State::Live {
                self.behind.push((place, then));
            }
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

/// How far the key has come.
pub fn end_of(key: &StoredKey) -> KeyEnd {
    let generations = key.secrets.iter().map(|secret| secret.generation);
    KeyEnd {
        state: state_of(&key.row()),
        generation: generations.max().unwrap_or(NEW.generation),
    }
}

fn state_of(row: &KeyRow<'_>) -> State {
    if row.revoked_at.is_some() {
        State::Revoked
    } else if row.disabled_at.is_some() {
        State::Disabled
    } else {
        State::Live
    }
}
