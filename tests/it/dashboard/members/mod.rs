//! Who belongs to an account and its workspaces: seen, changed, invited, removed.

mod hand_over;
mod invite;
mod invite_refusals;
mod leave;
mod list;
mod remove;
mod role;
mod role_here;
mod strangers;

use latchkey::db::accounts::Created;
use latchkey::domain::person::UserId;
use latchkey::domain::role::WorkspaceRole;

use crate::support::app::TestApp;
use crate::support::callers::Caller;

const ACCOUNT: &str = "/account/members";

/// An account with an owner who is signed in.
struct House {
    app: TestApp,
    made: Created,
    owner: Caller,
}

impl House {
    async fn new() -> Self {
        let app = TestApp::spawn();
        let made = app.account("acme");
        let owner = app.visitor();
        owner.sign_in("acme", "owner@acme.example").await;
        Self { app, made, owner }
    }

    /// Somebody with a role in the Default workspace, and their browser.
    async fn person(&self, email: &str, role: WorkspaceRole) -> (UserId, Caller) {
        let id = self.member(email, role);
        let caller = self.app.visitor();
        caller.sign_in("acme", email).await;
        (id, caller)
    }

    fn member(&self, email: &str, role: WorkspaceRole) -> UserId {
        let (account, workspace) = (self.made.account, self.made.workspace);
        let id = self.app.member(account, workspace, email, role);
        let name = email.split('@').next().unwrap();
        self.app.db.execute(&format!(
            "update users set name = '{name}' where id = '{id}'"
        ));
        id
    }

    /// `count` keys in a workspace, made by `person`, each named after `name`.
    fn keys(&self, (name, count): (&str, u32), person: UserId, scope: &str) {
        let (account, workspace) = (self.made.account.0, self.made.workspace.0);
        self.app.db.execute(&format!(
            "insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
                 preset_version, created_by, created_at, operation)
             select {account}, lpad('{name}' || n, 12, '0'), {workspace}, '{name} ' || n,
                 lower('{name} ' || n), 'production', '{scope}', 1, '{person}', now(),
                 gen_random_uuid()
             from generate_series(1, {count}) n;
             insert into key_secrets (account_id, key_id, generation, digest, pepper_version,
                 last_four, created_at)
             select k.account_id, k.id, 1, sha256((k.account_id || k.id)::bytea), 1, 'abcd', now()
             from api_keys k left join key_secrets s on s.account_id = k.account_id and s.key_id = k.id
             where s.key_id is null"
        ));
    }
}
