//! The end of a membership, of an account or of one workspace: with what becomes of the person's
//! keys, or not at all.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::key_changes;
use crate::db::members::change::ROLE_CHANGED_MEANWHILE;
use crate::db::members::change::lock;
use crate::db::members::change::require_above;
use crate::db::members::change::require_other_owner;
use crate::db::members::fate;
use crate::db::members::fate::KeyFate;
use crate::db::members::fate::Settled;
use crate::db::members::leaving::Leaving;
use crate::db::members::list::in_account;
use crate::db::members::list::in_workspace;
use crate::db::schema::memberships;
use crate::db::schema::workspace_memberships;
use crate::db::sessions;
use crate::db::users::email_of;
use crate::db::users::person;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::audit::Action;
use crate::domain::person::UserId;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;

/// `DbError::Conflict` with this: somebody else has removed the person meanwhile.
pub const GONE_MEANWHILE: &str = "memberships_gone_meanwhile";

/// What is to be ended, as it was looked at, and what was said of the person's keys.
#[derive(Debug, Clone, Copy)]
pub struct Removal<R> {
    pub role: R,
    /// `None` where nothing was asked.
    pub fate: Option<KeyFate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    pub keys: Settled,
    /// The number of the last change that nodes have to apply.
    pub seq: i64,
}

/// Ends somebody's membership of an account, by others or by themselves, and every session of
/// theirs in it. What they made and sent stays.
pub fn remove(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, user): (AccountId, UserId),
    removal: Removal<AccountRole>,
) -> Result<Removed, DbError> {
    conn.transaction(|conn| {
        lock(conn, account)?;
        // A key that they are making now is waited for, and is one of theirs below.
        let role: Option<String> = memberships::table
            .find((account.0, user))
            .select(memberships::role)
            .for_update()
            .first(conn)
            .optional()?;
        let role = in_account(&role.ok_or_else(gone)?)?;
        require_same(&role, &removal.role)?;
        let oneself = actor.kind == ActorKind::Person(user);
        if !oneself {
            require_above(conn, actor, account, &[role])?;
        }
        if role == AccountRole::Owner {
            require_other_owner(conn, account, user)?;
        }
        let leaving = Leaving {
            account,
            workspace: None,
            user,
        };
        let reason = if oneself { "left" } else { "removed" };
        let keys = fate::settle(conn, actor, now, leaving, (removal.fate, reason))?;
        sessions::end_in_account(conn, actor, now, (account, user))?;
        diesel::delete(memberships::table.find((account.0, user))).execute(conn)?;
        let (id, email) = (user.to_string(), email_of(conn, user)?);
        let entry = AuditEntry {
            reason: Some(reason),
            before: Some(json!({ "role": role.as_str() })),
            ..AuditEntry::new(Action::MemberRemoved, person(&id, &email))
                .in_account(Some(account))
                .after(facts(keys, removal.fate))
        };
        audit_log::insert(conn, actor, now, &entry)?;
        let seq = key_changes::drawn_here(conn)?;
        Ok(Removed { keys, seq })
    })
}

/// Closes one workspace to somebody who stays in its account.
pub fn remove_from_workspace(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, workspace, user): (AccountId, WorkspaceId, UserId),
    removal: Removal<WorkspaceRole>,
) -> Result<Removed, DbError> {
    conn.transaction(|conn| {
        lock(conn, account)?;
        let place = (account.0, workspace.0, user);
        let role: Option<String> = workspace_memberships::table
            .find(place)
            .select(workspace_memberships::role)
            .for_update()
            .first(conn)
            .optional()?;
        let role = in_workspace(&role.ok_or_else(gone)?)?;
        require_same(&role, &removal.role)?;
        let leaving = Leaving {
            account,
            workspace: Some(workspace),
            user,
        };
        let reason = "removed from the workspace";
        let keys = fate::settle(conn, actor, now, leaving, (removal.fate, reason))?;
        diesel::delete(workspace_memberships::table.find(place)).execute(conn)?;
        let (id, email) = (user.to_string(), email_of(conn, user)?);
        let entry = AuditEntry {
            before: Some(json!({ "role": role.as_str() })),
            ..AuditEntry::new(Action::MemberRemoved, person(&id, &email))
                .in_workspace(account, workspace)
                .after(facts(keys, removal.fate))
        };
        audit_log::insert(conn, actor, now, &entry)?;
        let seq = key_changes::drawn_here(conn)?;
        Ok(Removed { keys, seq })
    })
}

/// Whether the account has an owner beside this person, who can sign in.
pub fn has_other_owner(
    conn: &mut PgConnection,
    account: AccountId,
    user: UserId,
) -> Result<bool, DbError> {
    match require_other_owner(conn, account, user) {
        Ok(()) => Ok(true),
        Err(DbError::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn gone() -> DbError {
    DbError::Conflict(GONE_MEANWHILE.to_owned())
}

fn require_same<R: PartialEq>(role: &R, looked_at: &R) -> Result<(), DbError> {
    if role == looked_at {
        return Ok(());
    }
    Err(DbError::Conflict(ROLE_CHANGED_MEANWHILE.to_owned()))
}

fn facts(keys: Settled, fate: Option<KeyFate>) -> serde_json::Value {
    let to = match fate {
        Some(KeyFate::HandOver(to)) => Some(to),
        _ => None,
    };
    json!({
        "role": null,
        "keys": keys.keys,
        "keys_are": fate.filter(|_| keys.keys > 0).map(KeyFate::code),
        "keys_to": to.filter(|_| keys.keys > 0),
    })
}
