//! Who changed what: one row in the transaction of every change.

pub mod chain;
pub mod erase;
pub mod search;

use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use ipnet::IpNet;
use serde_json::Value;

use crate::db::DbError;
use crate::db::schema::audit_log;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;

/// A change, as its row tells it.
#[derive(Debug, Clone)]
pub struct AuditEntry<'a> {
    pub account: Option<AccountId>,
    pub workspace: Option<WorkspaceId>,
    pub action: Action,
    /// What it was done to: `key`, its public id, its name at that time.
    pub target_kind: &'a str,
    pub target_id: &'a str,
    pub target_label: &'a str,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub reason: Option<&'a str>,
}

impl<'a> AuditEntry<'a> {
    pub fn new(action: Action, target: Target<'a>) -> Self {
        Self {
            account: None,
            workspace: None,
            action,
            target_kind: target.kind,
            target_id: target.id,
            target_label: target.label,
            before: None,
            after: None,
            reason: None,
        }
    }

    #[must_use]
    pub fn in_account(self, account: Option<AccountId>) -> Self {
        Self { account, ..self }
    }

    #[must_use]
    pub fn in_workspace(self, account: AccountId, workspace: WorkspaceId) -> Self {
        Self {
            account: Some(account),
            workspace: Some(workspace),
            ..self
        }
    }

    #[must_use]
    pub fn after(self, facts: Value) -> Self {
        Self {
            after: Some(facts),
            ..self
        }
    }
}

/// What a change was made to, by the name people knew it by at that time.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    pub kind: &'a str,
    pub id: &'a str,
    pub label: &'a str,
}

/// Call it within the transaction of the change.
pub fn insert(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    entry: &AuditEntry<'_>,
) -> Result<(), DbError> {
    diesel::insert_into(audit_log::table)
        .values((
            audit_log::account_id.eq(entry.account.map(|account| account.0)),
            audit_log::workspace_id.eq(entry.workspace.map(|workspace| workspace.0)),
            audit_log::at.eq(now),
            audit_log::actor_kind.eq(actor.kind_name()),
            audit_log::actor_id.eq(actor.id()),
            audit_log::actor_label.eq(&actor.label),
            audit_log::action.eq(entry.action.code()),
            audit_log::target_kind.eq(entry.target_kind),
            audit_log::target_id.eq(entry.target_id),
            audit_log::target_label.eq(entry.target_label),
            audit_log::before.eq(&entry.before),
            audit_log::after.eq(&entry.after),
            audit_log::reason.eq(entry.reason.or(actor.because())),
            audit_log::ip.eq(actor.ip.map(IpNet::from)),
            audit_log::request_id.eq(actor.request_id.as_deref()),
        ))
        .execute(conn)?;
    Ok(())
}

/// A row, as a list shows it.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct AuditRow {
    pub at: DateTime<Utc>,
    pub actor_kind: String,
    pub actor_label: String,
    pub action: String,
    pub reason: Option<String>,
    pub ip: Option<IpAddr>,
}

/// The last `limit` changes of one thing, newest first; looks at it are no changes.
pub fn latest_of(
    conn: &mut PgConnection,
    account: AccountId,
    target: (&str, &str),
    limit: i64,
) -> Result<Vec<AuditRow>, DbError> {
    type Row = (
        DateTime<Utc>,
        String,
        String,
        String,
        Option<String>,
        Option<IpNet>,
    );
    let (kind, id) = target;
    let rows: Vec<Row> = audit_log::table
        .filter(audit_log::account_id.eq(account.0))
        .filter(audit_log::target_kind.eq(kind))
        .filter(audit_log::target_id.eq(id))
        .filter(audit_log::action.ne(Action::SupportViewed.code()))
        .order((audit_log::at.desc(), audit_log::id.desc()))
        .limit(limit)
        .select((
            audit_log::at,
            audit_log::actor_kind,
            audit_log::actor_label,
            audit_log::action,
            audit_log::reason,
            audit_log::ip,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(
            |(at, actor_kind, actor_label, action, reason, ip)| AuditRow {
                at,
                actor_kind,
                actor_label,
                action,
                reason,
                ip: ip.map(|net| net.addr()),
            },
        )
        .collect())
}

/// Who did one of these to a workspace last, and when.
pub fn last_of(
    conn: &mut PgConnection,
    (account, workspace): (AccountId, WorkspaceId),
    actions: &[Action],
) -> Result<Option<(String, DateTime<Utc>)>, DbError> {
    let codes = actions.iter().map(|action| action.code());
    Ok(audit_log::table
        .filter(audit_log::account_id.eq(account.0))
        .filter(audit_log::workspace_id.eq(workspace.0))
        .filter(audit_log::action.eq_any(codes))
        .order((audit_log::at.desc(), audit_log::id.desc()))
        .select((audit_log::actor_label, audit_log::at))
        .first(conn)
        .optional()?)
}

/// A change as the overview of a workspace tells it.
#[derive(Debug, Clone)]
pub struct Change {
    pub at: DateTime<Utc>,
    pub actor: String,
    /// `None` for a code that this version does not know.
    pub action: Option<Action>,
    pub target_kind: String,
    pub target_id: String,
    pub target: String,
}

/// The last `limit` changes in one workspace, newest first.
pub fn latest_in(
    conn: &mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
    limit: i64,
) -> Result<Vec<Change>, DbError> {
    type Row = (DateTime<Utc>, String, String, String, String, String);
    let rows: Vec<Row> = audit_log::table
        .filter(audit_log::account_id.eq(account.0))
        .filter(audit_log::workspace_id.eq(workspace.0))
        .filter(audit_log::action.ne(Action::SupportViewed.code()))
        .order((audit_log::at.desc(), audit_log::id.desc()))
        .limit(limit)
        .select((
            audit_log::at,
            audit_log::actor_label,
            audit_log::action,
            audit_log::target_kind,
            audit_log::target_id,
            audit_log::target_label,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(
            |(at, actor, action, target_kind, target_id, target)| Change {
                at,
                actor,
                action: Action::from_code(&action),
                target_kind,
                target_id,
                target,
            },
        )
        .collect())
}
