//! The key pages, asked for and filled in as people do.

mod bounds;
mod bulk;
mod create;
mod create_refusals;
mod create_rules;
mod delete;
pub mod edit;
mod edit_race;
mod explain;
mod explain_agrees;
mod grants;
mod limits;
mod list;
mod list_csv;
mod list_filters;
mod list_guard;
mod list_pages;
mod overlap;
mod preset_update;
mod revoke;
pub mod rotate;
mod rotate_refusals;
mod show;
mod similar;
mod strangers;
mod switch;

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use latchkey::db::accounts::Created;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::clock::Clock;
use latchkey::domain::role::WorkspaceRole;

use crate::support::app::TestApp;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::log::LogSeed;
use crate::support::rows::number;

const KEYS: &str = "/w/default/developers/keys";
pub const NEW: &str = "/w/default/developers/keys/new";

/// A console with the account `acme`, and its owner in a browser.
pub struct House {
    pub app: TestApp,
    pub acme: Created,
    pub owner: Caller,
}

impl House {
    pub async fn new() -> Self {
        let app = TestApp::spawn();
        let acme = app.account("acme");
        let owner = app.visitor();
        owner.sign_in("acme", "owner@acme.example").await;
        Self { app, acme, owner }
    }

    /// A member of the Default workspace, signed in.
    pub async fn member(&self, email: &str, role: WorkspaceRole) -> Caller {
        let (account, workspace) = (self.acme.account, self.acme.workspace);
        self.app.member(account, workspace, email, role);
        let caller = self.app.visitor();
        caller.sign_in("acme", email).await;
        caller
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    pub fn conn(&self) -> PgConnection {
        self.app.db.connection()
    }

    pub fn number(&self, sql: &str) -> i64 {
        number(&self.app.db, sql)
    }

    pub fn execute(&self, sql: &str) {
        self.conn().batch_execute(sql).unwrap();
    }

    /// So many keys straight into the database, "key 0001" and on.
    pub fn fill(&self, keys: u32) {
        self.fill_from(1, keys);
    }

    fn fill_from(&self, first: u32, last: u32) {
        let (account, workspace, person) =
            (self.acme.account.0, self.acme.workspace.0, self.acme.owner);
        self.execute(&format!(
            "insert into api_keys (account_id, id, workspace_id, name, name_folded, category,
                 preset, preset_version, created_by, created_at, last_used_at, expires_at, operation)
             select {account}, substr(md5(n::text), 1, 12), {workspace},
                 'key ' || lpad(n::text, greatest(4, length(n::text)), '0'), 'key ' || lpad(n::text, greatest(4, length(n::text)), '0'), 'staging',
                 'full', 1, '{person}', '2026-11-01'::timestamptz + n / 3 * interval '1 minute',
                 case when n % 4 > 0 then '2026-11-20'::timestamptz + n / 5 * interval '1 second' end,
                 case when n % 3 > 0 then '2027-06-01'::timestamptz + n / 5 * interval '1 hour' end,
                 gen_random_uuid()
             from generate_series({first}, {last}) n;
             insert into key_secrets (account_id, key_id, generation, digest, pepper_version,
                 last_four, created_at)
             select account_id, id, 1, sha256(id::bytea), 1, substr(id, 9), created_at
             from api_keys k
             where not exists (select from key_secrets s where s.key_id = k.id);"
        ));
    }

    pub fn log(&self, key: ApiKeyId, calls: &[(i64, &str, u16, &str)]) {
        self.log_in((self.acme.account, self.acme.workspace), key, calls);
    }

    pub fn log_in(
        &self,
        place: (AccountId, WorkspaceId),
        key: ApiKeyId,
        calls: &[(i64, &str, u16, &str)],
    ) {
        let mut conn = self.conn();
        let mut seed = LogSeed::new(&mut conn, place, key, self.now());
        for (seconds_ago, endpoint, status, ip) in calls {
            seed.row(*seconds_ago, endpoint, *status, ip);
        }
    }
}

/// Makes a key in the form of `caller`.
pub async fn create(caller: &Caller, name: &str) -> NewKey {
    let page = submit(caller, &[("name", name)]).await;
    assert_eq!(page.status, 201, "{}", page.text);
    NewKey::of(&page)
}

/// Sends the create form as it is offered, but for `changes`.
pub async fn submit(caller: &Caller, changes: &[(&str, &str)]) -> Page {
    let page = caller.get(NEW).await;
    let operation = page.attribute("main form input[name=operation]", "value");
    let mut fields = vec![
        ("name", "Blog ingest"),
        ("workspace", "default"),
        ("category", "production"),
        ("scope", "full"),
        ("expires", "90d"),
        ("note", ""),
        ("operation", operation.as_str()),
    ];
    fields.retain(|(known, _)| changes.iter().all(|(name, _)| known != name));
    fields.extend(changes);
    caller.fill_in(&page, &fields).await
}

pub struct NewKey {
    pub id: ApiKeyId,
    pub secret: String,
}

impl NewKey {
    pub fn of(page: &Page) -> Self {
        let secret = page.one("#secret");
        let id = secret.split('_').nth(1).unwrap().parse().unwrap();
        Self { id, secret }
    }

    pub fn url(&self) -> String {
        format!("{KEYS}/{}", self.id)
    }

    pub fn last_four(&self) -> &str {
        &self.secret[self.secret.len() - 4..]
    }
}

/// Whether a refusal tells whom it takes: a role, or the key's owner.
fn names_who_may(page: &Page) -> bool {
    let told = page.one("main");
    told.contains("takes its owner") || told.contains("takes the role admin or developer")
}
