//! What the keys of the edge may do, and the person behind them.

use std::sync::Arc;

use latchkey::crypto::key_secret::PlainKey;
use latchkey::domain::catalogue;
use latchkey::domain::catalogue::Catalogue;
use latchkey::domain::grant::Permissions;
use latchkey::domain::grant::Resources;
use latchkey::domain::role::AccountRole;
use latchkey::domain::role::WorkspaceRole;
use latchkey::verify::Holder;
use latchkey::verify::entry::MemberEntry;
use latchkey::verify::entry::PersonEntry;
use latchkey::verify::entry::PresetEntry;

use crate::support::edge::ACCOUNT;
use crate::support::edge::OWNER;
use crate::support::edge::TestEdge;
use crate::support::edge::WORKSPACE;
use crate::support::edge::plain_key;

impl TestEdge {
    /// The built-in catalogue, and a person who owns the account.
    pub(super) fn offer(&self) {
        let built_in = Catalogue::parse(1, catalogue::BUILT_IN).unwrap();
        self.mirror.tables().put_catalogue(built_in);
        self.join(AccountRole::Owner, None);
    }

    /// Makes the person behind all keys a member as this.
    pub fn join(&self, role: AccountRole, in_workspace: Option<WorkspaceRole>) {
        let workspaces = in_workspace.map(|role| (WORKSPACE, role));
        let member = MemberEntry {
            accounts: Box::new([(ACCOUNT, role)]),
            workspaces: workspaces.into_iter().collect(),
        };
        self.mirror.tables().put_member(OWNER, member);
    }

    pub fn leave(&self) {
        let nowhere = MemberEntry::default();
        self.mirror.tables().put_member(OWNER, nowhere);
    }

    pub fn disable_person(&self, disabled: bool) {
        self.mirror.tables().put_person(PersonEntry {
            id: OWNER,
            email: "alice@acme.example".into(),
            disabled,
        });
    }

    /// A new key with a grant of its own.
    pub fn granted(&self, scope: &str, permissions: &[&str], resources: &[&str]) -> PlainKey {
        let key = plain_key();
        self.put_changed(&key, |entry| {
            entry.preset = Arc::new(PresetEntry {
                slug: scope.into(),
                permissions: Permissions::new(permissions.iter().copied()),
            });
            entry.resources = Some(Box::new(Resources::new(resources.iter().copied())));
        });
        key
    }

    /// Who presents `key`, as the decision has found them.
    pub fn holder(&self, key: &PlainKey) -> Holder {
        let tables = self.mirror.tables();
        Holder {
            key: tables.key(key.id()).unwrap(),
            account: tables.account(ACCOUNT).unwrap(),
            workspace: tables.workspace(WORKSPACE).unwrap(),
            generation: 3,
            inherited: None,
        }
    }
}
