//! What the mirror of the edge holds.

use latchkey::crypto::key_secret::PlainKey;
use latchkey::domain::account::CredentialKind;
use latchkey::domain::account::ErrorProfile;
use latchkey::domain::grant::Permissions;
use latchkey::domain::key_state::KeyTimes;
use latchkey::domain::limit::KeyLimits;
use latchkey::domain::network::Network;
use latchkey::verify::entry::AccountEntry;
use latchkey::verify::entry::CredentialEntry;
use latchkey::verify::entry::KeyEnds;
use latchkey::verify::entry::KeyEntry;
use latchkey::verify::entry::PersonEntry;
use latchkey::verify::entry::PresetEntry;
use latchkey::verify::entry::SecretEntry;
use latchkey::verify::entry::WorkspaceEntry;
use std::num::NonZero;
use std::sync::Arc;

use crate::support::edge::ACCOUNT;
use crate::support::edge::OWNER;
use crate::support::edge::TestEdge;
use crate::support::edge::WORKSPACE;
use crate::support::edge::digest;
use crate::support::edge::plain_key;

impl TestEdge {
    pub(super) fn fill(&self) {
        self.renew();
        self.account(ErrorProfile::Documented, &[]);
        let tables = self.mirror.tables();
        tables.put_workspace(WorkspaceEntry {
            id: WORKSPACE,
            public_id: "wsp_8".into(),
            slug: "default".into(),
        });
        tables.put_person(PersonEntry {
            id: OWNER,
            email: "alice@acme.example".into(),
            disabled: false,
        });
        self.offer();
        self.put_service(&self.service);
    }

    pub(super) fn put_service(&self, service: &PlainKey) {
        self.mirror.tables().put_credential(CredentialEntry {
            id: service.id(),
            name: "backend".into(),
            digest: digest(service),
            revoked: false,
        });
    }

    /// What the operator has chosen for the account.
    pub fn account(&self, profile: ErrorProfile, refused: &[CredentialKind]) {
        self.mirror.tables().put_account(AccountEntry {
            id: ACCOUNT,
            public_id: "acc_7".into(),
            domain: "acme".into(),
            customer_id: "acme-1".into(),
            suspended: false,
            plan: "standard".into(),
            profile,
            refused_credentials: refused.to_vec(),
        });
    }

    /// A new key that is active.
    pub fn key(&self) -> PlainKey {
        self.key_with(KeyTimes::default())
    }

    pub fn key_with(&self, times: KeyTimes) -> PlainKey {
        let key = plain_key();
        self.put(&key, times);
        key
    }

    /// A new key that is bound to addresses or pages.
    pub fn key_from(&self, times: KeyTimes, network: Network) -> PlainKey {
        let key = plain_key();
        self.put_from(&key, times, Some(network));
        key
    }

    pub fn put(&self, key: &PlainKey, times: KeyTimes) {
        self.put_from(key, times, None);
    }

    pub fn put_from(&self, key: &PlainKey, times: KeyTimes, network: Option<Network>) {
        self.put_changed(key, |entry| {
            entry.ends = times.into();
            entry.network = network.map(Box::new);
        });
    }

    /// A new key with limits.
    pub fn key_within(&self, limits: &KeyLimits) -> PlainKey {
        let key = plain_key();
        let cell = self.mirror.ledger().key(ACCOUNT, key.id(), limits);
        self.put_changed(&key, |entry| entry.limits = Some(cell));
        key
    }

    /// A key of Full access, and what is different about it.
    pub(super) fn put_changed(&self, key: &PlainKey, change: impl FnOnce(&mut KeyEntry)) {
        let mut entry = KeyEntry {
            id: key.id(),
            account: ACCOUNT,
            workspace: WORKSPACE,
            owner: Some(OWNER),
            name: "blog ingest".into(),
            category: "production".into(),
            preset: Arc::new(PresetEntry {
                slug: "full".into(),
                permissions: Permissions::new(["*"]),
            }),
            resources: None,
            limits: None,
            network: None,
            ends: KeyEnds::default(),
            current: Some(SecretEntry {
                generation: NonZero::new(3).unwrap(),
                digest: digest(key),
                retires_at: None,
            }),
            retiring: None,
        };
        change(&mut entry);
        self.mirror.tables().put_key(entry);
    }
}
