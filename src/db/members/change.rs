//! Changing what a person is in an account or a workspace.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::key_changes;
use crate::db::members::list::in_account;
use crate::db::members::list::in_workspace;
use crate::db::schema::accounts;
use crate::db::schema::memberships;
use crate::db::schema::users;
use crate::db::schema::workspace_memberships;
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

/// `DbError::Conflict` with this: an account has one owner at least.
pub const LAST_OWNER: &str = "memberships_last_owner";
/// `DbError::Conflict` with this: the role, or the person, is above who changes it.
pub const ABOVE_THEIRS: &str = "memberships_role_above";
/// `DbError::Conflict` with this: the role is no longer what it was when it was looked at.
pub const ROLE_CHANGED_MEANWHILE: &str = "memberships_role_changed_meanwhile";

/// From what to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleChange<T> {
    pub before: T,
    pub after: T,
}

/// Gives a member of the account another role, and tells the sequence of the change; `None` if they
/// have it already.
pub fn change_role(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, user): (AccountId, UserId),
    change: RoleChange<AccountRole>,
) -> Result<Option<i64>, DbError> {
    conn.transaction(|conn| {
        lock(conn, account)?;
        let before = role_in(conn, account, user)?.ok_or(DbError::NotFound)?;
        let after = change.after;
        if before == after {
            return Ok(None);
        }
        if before != change.before {
            return Err(DbError::Conflict(ROLE_CHANGED_MEANWHILE.to_owned()));
        }
        require_above(conn, actor, account, &[before, after])?;
        if before == AccountRole::Owner {
            require_other_owner(conn, account, user)?;
        }
        diesel::update(memberships::table.find((account.0, user)))
            .set(memberships::role.eq(after.as_str()))
            .execute(conn)?;
        let (id, email) = (user.to_string(), email_of(conn, user)?);
        let entry = AuditEntry {
            before: Some(json!({ "role": before.as_str() })),
            ..AuditEntry::new(Action::MemberRoleChanged, person(&id, &email))
                .in_account(Some(account))
                .after(json!({ "role": after.as_str() }))
        };
        audit_log::insert(conn, actor, now, &entry)?;
        key_changes::drawn_here(conn).map(Some)
    })
}

/// Opens a workspace to a member of its account, or changes what they are there. As `change_role`.
pub fn change_workspace_role(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, workspace, user): (AccountId, WorkspaceId, UserId),
    change: RoleChange<Option<WorkspaceRole>>,
) -> Result<Option<i64>, DbError> {
    conn.transaction(|conn| {
        lock(conn, account)?;
        role_in(conn, account, user)?.ok_or(DbError::NotFound)?;
        let place = (account.0, workspace.0, user);
        let before: Option<String> = workspace_memberships::table
            .find(place)
            .select(workspace_memberships::role)
            .first(conn)
            .optional()?;
        let before = before.as_deref().map(in_workspace).transpose()?;
        let Some(after) = change.after.filter(|after| before != Some(*after)) else {
            return Ok(None);
        };
        if before != change.before {
            return Err(DbError::Conflict(ROLE_CHANGED_MEANWHILE.to_owned()));
        }
        diesel::insert_into(workspace_memberships::table)
            .values((
                workspace_memberships::account_id.eq(account.0),
                workspace_memberships::workspace_id.eq(workspace.0),
                workspace_memberships::user_id.eq(user),
                workspace_memberships::role.eq(after.as_str()),
                workspace_memberships::created_at.eq(now),
            ))
            .on_conflict((
                workspace_memberships::account_id,
                workspace_memberships::workspace_id,
                workspace_memberships::user_id,
            ))
            .do_update()
            .set(workspace_memberships::role.eq(after.as_str()))
            .execute(conn)?;
        let (id, email) = (user.to_string(), email_of(conn, user)?);
        let entry = AuditEntry {
            before: Some(json!({ "role": before.map(WorkspaceRole::as_str) })),
            ..AuditEntry::new(Action::MemberRoleChanged, person(&id, &email))
                .in_workspace(account, workspace)
                .after(json!({ "role": after.as_str() }))
        };
        audit_log::insert(conn, actor, now, &entry)?;
        key_changes::drawn_here(conn).map(Some)
    })
}

/// Whoever changes who belongs to an account waits here for the one before: what is true of all its
/// people together, as that one of them is an owner, could break otherwise.
pub fn lock(conn: &mut PgConnection, account: AccountId) -> Result<(), DbError> {
    accounts::table
        .find(account.0)
        .select(accounts::id)
        .for_no_key_update()
        .first::<i32>(conn)?;
    Ok(())
}

pub fn role_in(
    conn: &mut PgConnection,
    account: AccountId,
    user: UserId,
) -> Result<Option<AccountRole>, DbError> {
    let role: Option<String> = memberships::table
        .find((account.0, user))
        .select(memberships::role)
        .first(conn)
        .optional()?;
    role.as_deref().map(in_account).transpose()
}

/// Nobody gives or takes a role above their own, which is what it is now and not what it was when
/// the page was opened.
pub fn require_above(
    conn: &mut PgConnection,
    actor: &Actor,
    account: AccountId,
    roles: &[AccountRole],
) -> Result<(), DbError> {
    let own = match actor.kind {
        ActorKind::Person(id) => role_in(conn, account, id)?,
        ActorKind::System => Some(AccountRole::Owner),
        ActorKind::Key(_) | ActorKind::Support { .. } => None,
    };
    if own.is_some_and(|own| roles.iter().all(|role| own.may_give(*role))) {
        return Ok(());
    }
    Err(DbError::Conflict(ABOVE_THEIRS.to_owned()))
}

/// One who can sign in, beside `user`.
pub(super) fn require_other_owner(
    conn: &mut PgConnection,
    account: AccountId,
    user: UserId,
) -> Result<(), DbError> {
    let others: i64 = memberships::table
        .inner_join(users::table)
        .filter(memberships::account_id.eq(account.0))
        .filter(memberships::role.eq(AccountRole::Owner.as_str()))
        .filter(memberships::user_id.ne(user))
        .filter(users::disabled_at.is_null())
        .count()
        .get_result(conn)?;
    if others > 0 {
        return Ok(());
    }
    Err(DbError::Conflict(LAST_OWNER.to_owned()))
}
