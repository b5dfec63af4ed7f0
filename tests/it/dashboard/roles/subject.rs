//! What stands in the braces of an address.

use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::person::UserId;

use crate::dashboard::keys::House;
use crate::support::rows::text;

/// The placeholders that name one thing of an account.
const OF_ONE: [&str; 8] = [
    "{w}",
    "{k}",
    "{m}",
    "{i}",
    "{r}",
    "{e}",
    "{s}",
    "{workspace}",
];

/// An account, and a workspace of it.
pub type Place = (AccountId, WorkspaceId);

pub struct Subject {
    workspace: &'static str,
    /// Where the address has a key or a person besides: that is what is asked about.
    workspace_of_key: &'static str,
    key: String,
    /// Somebody who is a member and no more.
    member: String,
    invitation: String,
    request: String,
    /// Of the audit log.
    entry: String,
    account: String,
    /// The account that support staff ask about, and a look into the asker's own.
    supported: String,
    look: String,
    /// Somebody of the operator's, and a service credential.
    staff: String,
    credential: String,
}

impl Subject {
    /// What `path` is about, made anew: a key of `owner`, somebody of `home`.
    pub fn new(house: &House, path: &str, (place, owner): (Place, UserId), home: Place) -> Self {
        let only = |name: &str, make: &dyn Fn() -> String| {
            if path.contains(name) {
                make()
            } else {
                String::new()
            }
        };
        let account = "select public_id as line from accounts where domain = 'globex'";
        let supported = "select public_id as line from accounts where domain = 'acme'";
        Self {
            workspace: "default",
            workspace_of_key: "default",
            key: only("{k}", &|| new_key(house, place, owner)),
            member: only("{m}", &|| new_member(house, home)),
            invitation: only("{i}", &|| new_invitation(house, home)),
            request: only("{r}", &|| new_request(house, home)),
            entry: only("{e}", &|| new_entry(house, home)),
            supported: only("{a}", &|| text(&house.app.db, supported)),
            look: only("{s}", &|| new_look(house, home)),
            account: only("{account}", &|| text(&house.app.db, account)),
            staff: only("{staff}", &|| new_staff(house)),
            credential: only("{credential}", &|| new_credential(house)),
        }
    }

    pub fn theirs(self) -> Self {
        Self {
            workspace: "theirs",
            ..self
        }
    }

    pub fn unknown() -> Self {
        Self {
            workspace: "nowhere",
            workspace_of_key: "default",
            key: "000000000000".to_owned(),
            member: UserId::nil().to_string(),
            invitation: UserId::nil().to_string(),
            request: format!("req_{}", "0".repeat(16)),
            entry: UserId::nil().to_string(),
            account: "acc_000000000000".to_owned(),
            supported: "acc_000000000000".to_owned(),
            look: "sup_000000000000".to_owned(),
            staff: UserId::nil().to_string(),
            credential: "000000000000".to_owned(),
        }
    }

    /// Whether the address is about one thing, which can be another account's.
    pub fn is_about_one(path: &str) -> bool {
        // Staff look into every account, and what is foreign within one is tried there.
        let of_staff = path.starts_with("/operator") || path.starts_with("/support");
        !of_staff && OF_ONE.iter().any(|name| path.contains(name))
    }

    /// Whether it makes a difference whose the key is.
    pub fn is_about_a_key(path: &str) -> bool {
        path.contains("{k}")
    }

    /// What a form says of its subject where the address does not.
    pub fn fields(path: &str) -> &'static [(&'static str, &'static str)] {
        match path {
            "/operator/blocks/lift" => &[("scope", "gateway"), ("network", "203.0.113.9/32")],
            _ => &[],
        }
    }

    /// The address with everything in its place.
    pub fn fill(&self, path: &str) -> String {
        let of_thing = ["{m}", "{r}", "{e}"].iter().any(|name| path.contains(name));
        let workspace = if Self::is_about_a_key(path) || of_thing {
            self.workspace_of_key
        } else {
            self.workspace
        };
        let filled = path
            .replace("{w}", workspace)
            .replace("{k}", &self.key)
            .replace("{m}", &self.member)
            .replace("{workspace}", self.workspace)
            .replace("{i}", &self.invitation)
            .replace("{r}", &self.request)
            .replace("{e}", &self.entry)
            .replace("{account}", &self.account)
            .replace("{a}", &self.supported)
            .replace("{s}", &self.look)
            .replace("{staff}", &self.staff)
            .replace("{credential}", &self.credential)
            .replace("{version}", "1")
            .replace("{domain}", "acme")
            .replace("{provider}", "google")
            .replace("{session}", &"0".repeat(64))
            .replace("{identity}", "00000000-0000-0000-0000-000000000000")
            .replace("{action:disable|revoke}", "disable");
        assert!(!filled.contains('{'), "teach `fill` what {path} is about");
        filled
    }
}

fn new_key(house: &House, (account, workspace): (AccountId, WorkspaceId), owner: UserId) -> String {
    let id = text(
        &house.app.db,
        "select substr(md5(random()::text), 1, 12) as line",
    );
    let (account, workspace) = (account.0, workspace.0);
    house.execute(&format!(
        "insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
             preset_version, created_by, created_at, operation)
         values ({account}, '{id}', {workspace}, 'key {id}', 'key {id}', 'staging', 'full', 1,
             '{owner}', '2026-11-01', gen_random_uuid());
         insert into key_secrets (account_id, key_id, generation, digest, pepper_version,
             last_four, created_at)
         values ({account}, '{id}', 1, sha256('{id}'), 1, 'abcd', '2026-11-01')"
    ));
    id
}

fn new_member(house: &House, (account, workspace): (AccountId, WorkspaceId)) -> String {
    let id = text(&house.app.db, "select gen_random_uuid()::text as line");
    let (account, workspace) = (account.0, workspace.0);
    house.execute(&format!(
        "insert into users (id, email, email_folded, name, created_at)
         values ('{id}', '{id}@acme.example', '{id}@acme.example', 'Somebody', '2026-11-01');
         insert into memberships (account_id, user_id, role, created_at)
         values ({account}, '{id}', 'member', '2026-11-01');
         insert into workspace_memberships (account_id, workspace_id, user_id, role, created_at)
         values ({account}, {workspace}, '{id}', 'viewer', '2026-11-01')"
    ));
    id
}

fn new_staff(house: &House) -> String {
    let id = text(&house.app.db, "select gen_random_uuid()::text as line");
    house.execute(&format!(
        "insert into users (id, email, email_folded, name, created_at)
         values ('{id}', '{id}@ops.example', '{id}@ops.example', 'Somebody', '2026-11-01');
         insert into staff_grants (user_id, role, created_at)
         values ('{id}', 'support', '2026-11-01')"
    ));
    id
}

/// Into the account, by somebody of support who waits for an answer.
fn new_look(house: &House, home: Place) -> String {
    let staff = new_staff(house);
    let id = text(
        &house.app.db,
        "select 'sup_' || substr(md5(random()::text), 1, 12) as line",
    );
    let (account, at) = (home.0.0, house.now());
    house.execute(&format!(
        "insert into support_sessions (account_id, public_id, user_id, staff_name, staff_email,
             ticket, reason, requested_at)
         values ({account}, '{id}', '{staff}', 'Somebody', 'somebody@ops.example', '4521',
             'other', '{at}')"
    ));
    id
}

fn new_credential(house: &House) -> String {
    let id = text(
        &house.app.db,
        "select substr(md5(random()::text), 1, 12) as line",
    );
    house.execute(&format!(
        "insert into service_credentials (id, name, digest, created_at)
         values ('{id}', '{id}', sha256('{id}'), '2026-11-01')"
    ));
    id
}

fn new_invitation(house: &House, home: Place) -> String {
    let by = new_member(house, home);
    let id = text(&house.app.db, "select gen_random_uuid()::text as line");
    house.execute(&format!(
        "insert into invitations (account_id, id, email, email_folded, role, token_digest,
             invited_by, created_at, sent_at, expires_at)
         values ({}, '{id}', '{id}@new.example', '{id}@new.example', 'member', sha256('{id}'),
             '{by}', '2026-11-20', '2026-11-20', '2026-11-27')",
        home.0.0
    ));
    id
}

fn new_request(house: &House, home: Place) -> String {
    let key = "select substr(md5(random()::text), 1, 12) as line";
    let key = text(&house.app.db, key);
    let call = (60, "GET /a", 200, "203.0.113.9");
    house.log_in(home, key.parse().unwrap(), &[call]);
    text(
        &house.app.db,
        &format!("select request_id as line from request_log where key_id = '{key}'"),
    )
}

fn new_entry(house: &House, (account, workspace): Place) -> String {
    let id = text(&house.app.db, "select gen_random_uuid()::text as line");
    let (account, workspace) = (account.0, workspace.0);
    house.execute(&format!(
        "insert into audit_log (public_id, account_id, workspace_id, at, actor_kind, actor_id,
             actor_label, action, target_kind, target_id, target_label)
         values ('{id}', {account}, {workspace}, '2026-11-20', 'system', 'system', 'a test',
             'key.updated', 'key', '0123456789ab', 'Blog')"
    ));
    id
}
