//! A row of the audit log in words, with where it leads.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::audit::scope::Scope;
use crate::dashboard::moment::Moment;
use crate::dashboard::urls;
use crate::db::audit_log::search::AuditFound;
use crate::domain::audit::Action;

pub struct AuditLine {
    pub at: Moment,
    /// The row's page.
    pub url: String,
    pub actor: String,
    pub actor_kind: &'static str,
    /// This log, of that person only; empty for an erased one.
    pub actor_url: String,
    pub words: String,
    pub code: String,
    pub target: String,
    /// Empty where there is no page for it, or none to be opened from here.
    pub target_url: String,
    /// Workspace, or the account at the operator's; empty for neither.
    pub place: String,
    pub reason: String,
    pub ip: String,
}

impl AuditLine {
    pub fn new(row: &AuditFound, scope: &Scope, now: DateTime<Utc>) -> Self {
        let words = Action::from_code(&row.action).map(Action::words);
        Self {
            at: Moment::new(row.at, now),
            url: format!("{}/{}", scope.path, row.id),
            actor: row.actor.clone(),
            actor_kind: actor_kind(&row.actor_kind),
            actor_url: actor_url(row, scope),
            words: words.map_or_else(|| "did".to_owned(), str::to_owned),
            code: row.action.clone(),
            target: target(row),
            target_url: target_url(row, scope),
            place: place(row, scope),
            reason: row.reason.clone().unwrap_or_default(),
            ip: row.ip.map(|ip| ip.addr().to_string()).unwrap_or_default(),
        }
    }
}

pub fn pair(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair(name, value)
        .finish()
}

/// Who it is, where the name alone does not tell.
fn actor_kind(kind: &str) -> &'static str {
    match kind {
        "key" => "Key",
        "system" => "System",
        "support" => "Support",
        _ => "",
    }
}

fn actor_url(row: &AuditFound, scope: &Scope) -> String {
    if row.actor_erased {
        return String::new();
    }
    urls::with_query(&scope.path, &pair("actor", &row.actor))
}

/// What somebody did to themselves needs no second name.
fn target(row: &AuditFound) -> String {
    let own_doing = if row.target_erased {
        row.target_id == row.actor_id
    } else {
        row.target == row.actor
    };
    if row.target_kind == "session" || own_doing {
        String::new()
    } else if row.target_erased && !matches!(row.target_kind.as_str(), "person" | "invitation") {
        // No person, but it was called by one's address.
        format!("{} {}", row.target_kind, row.target_id)
    } else {
        row.target.clone()
    }
}

fn target_url(row: &AuditFound, scope: &Scope) -> String {
    if scope.is_operator() {
        let account = row.account_id.as_deref().unwrap_or_default();
        return match row.target_kind.as_str() {
            "account" if !account.is_empty() => urls::operator_account(account),
            _ => String::new(),
        };
    }
    match (row.target_kind.as_str(), &row.workspace_slug) {
        ("key", Some(slug)) if row.action != Action::KeyDeleted.code() => {
            format!("{}/{}", urls::keys(slug), row.target_id)
        }
        ("workspace", Some(slug)) => urls::workspace(slug),
        ("person", _) if !row.target_erased && row.action != Action::MemberRemoved.code() => {
            let person = row.target_id.parse().ok();
            person.map_or_else(String::new, urls::account_member)
        }
        _ => String::new(),
    }
}

fn place(row: &AuditFound, scope: &Scope) -> String {
    let workspace = row.workspace.clone();
    if scope.is_operator() {
        let names = [row.account.clone(), workspace];
        let names: Vec<String> = names.into_iter().flatten().collect();
        return names.join(" · ");
    }
    workspace.unwrap_or_default()
}
