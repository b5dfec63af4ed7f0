//! Every key, account and workspace in memory. One worker writes, every request reads.

mod keys;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use parking_lot::RwLock;

use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::catalogue::Catalogue;
use crate::domain::person::UserId;
use crate::verify::credential_use::CredentialUse;
use crate::verify::entry::AccountEntry;
use crate::verify::entry::CredentialEntry;
use crate::verify::entry::KeyEntry;
use crate::verify::entry::MemberEntry;
use crate::verify::entry::PersonEntry;
use crate::verify::entry::PresetEntry;
use crate::verify::entry::WorkspaceEntry;
use crate::verify::ip_block::IpBlocks;
use crate::verify::lease::Lease;
use crate::verify::ledger::Ledger;
use crate::verify::origins::Origins;
use crate::verify::unreadable::Unreadable;

pub use crate::verify::mirror::keys::Keys;

/// Hashed in a few nanoseconds, unlike std's maps. That suffices where nobody outside chooses what
/// is put in: all ids here are ours.
type Map<K, V> = RwLock<HashMap<K, Arc<V>, RandomState>>;

type Versions = HashMap<i32, Arc<PresetEntry>>;

/// A cheap handle on the node's one mirror.
#[derive(Clone)]
pub struct Mirror {
    shared: Arc<Shared>,
}

struct Shared {
    tables: ArcSwap<Tables>,
    lease: Lease,
    ip_blocks: IpBlocks,
    credential_use: CredentialUse,
    ledger: Ledger,
}

impl Mirror {
    /// An empty mirror that vouches for nothing until its lease is renewed.
    pub fn new(lease: Duration) -> Self {
        let ledger = Ledger::default();
        let tables = ArcSwap::from_pointee(Tables::with(ledger.clone()));
        Self {
            shared: Arc::new(Shared {
                tables,
                lease: Lease::new(lease),
                ip_blocks: IpBlocks::default(),
                credential_use: CredentialUse::default(),
                ledger,
            }),
        }
    }

    pub fn tables(&self) -> arc_swap::Guard<Arc<Tables>> {
        self.shared.tables.load()
    }

    /// Puts a complete load in the place of all that is known. It is built aside, so readers see
    /// the old or the new and nothing between.
    pub fn replace(&self, tables: Tables) {
        self.shared.tables.store(Arc::new(tables));
    }

    pub fn lease(&self) -> &Lease {
        &self.shared.lease
    }

    /// Addresses that send unknown keys. They are no rows, and outlast a load.
    pub fn ip_blocks(&self) -> &IpBlocks {
        &self.shared.ip_blocks
    }

    /// When service credentials were used. It outlives every load.
    pub fn credential_use(&self) -> &CredentialUse {
        &self.shared.credential_use
    }

    /// What this node may spend. It outlives every load.
    pub fn ledger(&self) -> &Ledger {
        &self.shared.ledger
    }
}

/// The rows. Locks are held for one look-up or one replacement, never longer.
pub struct Tables {
    keys: Keys,
    accounts: Map<AccountId, AccountEntry>,
    workspaces: Map<WorkspaceId, WorkspaceEntry>,
    people: Map<UserId, PersonEntry>,
    presets: RwLock<HashMap<String, Versions>>,
    credentials: Map<ApiKeyId, CredentialEntry>,
    unreadable: Unreadable,
    origins: Origins,
    ledger: Ledger,
    members: Map<UserId, MemberEntry>,
    catalogue: ArcSwap<Catalogue>,
}

impl Tables {
    /// Empty ones, whose limits are counted in `ledger`.
    pub fn with(ledger: Ledger) -> Self {
        Self {
            ledger,
            keys: Keys::default(),
            accounts: RwLock::default(),
            workspaces: RwLock::default(),
            people: RwLock::default(),
            presets: RwLock::default(),
            credentials: RwLock::default(),
            unreadable: Unreadable::default(),
            origins: Origins::default(),
            members: RwLock::default(),
            catalogue: ArcSwap::default(),
        }
    }

    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub fn key(&self, id: ApiKeyId) -> Option<Arc<KeyEntry>> {
        self.keys.get(id)
    }

    /// To be changed, while nobody reads these tables.
    pub fn key_mut(&mut self, id: ApiKeyId) -> Option<&mut KeyEntry> {
        self.keys.get_mut(id)
    }

    pub fn account(&self, id: AccountId) -> Option<Arc<AccountEntry>> {
        find(&self.accounts, &id)
    }

    pub fn workspace(&self, id: WorkspaceId) -> Option<Arc<WorkspaceEntry>> {
        find(&self.workspaces, &id)
    }

    pub fn person(&self, id: UserId) -> Option<Arc<PersonEntry>> {
        find(&self.people, &id)
    }

    pub fn preset(&self, slug: &str, version: i32) -> Option<Arc<PresetEntry>> {
        let presets = self.presets.read();
        presets.get(slug)?.get(&version).cloned()
    }

    pub fn credential(&self, id: ApiKeyId) -> Option<Arc<CredentialEntry>> {
        find(&self.credentials, &id)
    }

    /// Where the person is a member; `None` for somebody who is no member anywhere.
    pub fn member(&self, id: UserId) -> Option<Arc<MemberEntry>> {
        find(&self.members, &id)
    }

    /// What there is to be granted and sold. Until one is applied, nothing is.
    pub fn catalogue(&self) -> arc_swap::Guard<Arc<Catalogue>> {
        self.catalogue.load()
    }

    pub fn put_key(&self, key: KeyEntry) {
        if key.limits.is_none() {
            self.ledger.forget_key(key.id);
        }
        self.add_key(key);
    }

    /// As `put_key`, for a key that is not whole yet: what the ledger knows of it stays.
    pub fn add_key(&self, key: KeyEntry) {
        let key = Arc::new(key);
        let old = self.keys.put(Arc::clone(&key));
        self.origins.replace(old.as_deref(), Some(&key));
    }

    pub fn remove_key(&self, id: ApiKeyId) {
        self.ledger.forget_key(id);
        let old = self.keys.remove(id);
        self.origins.replace(old.as_deref(), None);
    }

    /// The origins of pages that keys allow.
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    pub fn put_account(&self, account: AccountEntry) {
        self.ledger.set_plan(account.id, &account.plan);
        self.accounts.write().insert(account.id, Arc::new(account));
    }

    pub fn put_workspace(&self, workspace: WorkspaceEntry) {
        self.workspaces
            .write()
            .insert(workspace.id, Arc::new(workspace));
    }

    pub fn put_person(&self, person: PersonEntry) {
        self.people.write().insert(person.id, Arc::new(person));
    }

    pub fn put_preset(&self, version: i32, preset: PresetEntry) {
        self.presets
            .write()
            .entry(preset.slug.clone())
            .or_default()
            .insert(version, Arc::new(preset));
    }

    pub fn put_credential(&self, credential: CredentialEntry) {
        self.credentials
            .write()
            .insert(credential.id, Arc::new(credential));
    }

    /// Keys that are not among these because their row cannot be read.
    pub fn unreadable(&self) -> &Unreadable {
        &self.unreadable
    }

    pub fn put_member(&self, id: UserId, member: MemberEntry) {
        self.members.write().insert(id, Arc::new(member));
    }

    pub fn put_catalogue(&self, catalogue: Catalogue) {
        self.catalogue.store(Arc::new(catalogue));
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }
}

fn find<K: Eq + Hash, V>(map: &Map<K, V>, id: &K) -> Option<Arc<V>> {
    map.read().get(id).cloned()
}
