//! Who belongs to which account, and as what.

use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::schema::accounts;
use crate::db::schema::memberships;
use crate::db::schema::users;
use crate::db::schema::workspace_memberships;
use crate::db::users::email_of;
use crate::db::users::person;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::UserId;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;

/// Makes `user` a member of `account`.
pub fn add(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, user): (AccountId, UserId),
    role: AccountRole,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        diesel::insert_into(memberships::table)
            .values((
                memberships::account_id.eq(account.0),
                memberships::user_id.eq(user),
                memberships::role.eq(role.as_str()),
                memberships::created_at.eq(now),
            ))
            .execute(conn)?;
        let (id, email) = (user.to_string(), email_of(conn, user)?);
        let entry = AuditEntry::new(Action::MemberAdded, person(&id, &email))
            .in_account(Some(account))
            .after(json!({ "role": role.as_str() }));
        audit_log::insert(conn, actor, now, &entry)
    })
}

/// Opens one workspace to a member of its account.
pub fn add_to_workspace(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, workspace, user): (AccountId, WorkspaceId, UserId),
    role: WorkspaceRole,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        diesel::insert_into(workspace_memberships::table)
            .values((
                workspace_memberships::account_id.eq(account.0),
                workspace_memberships::workspace_id.eq(workspace.0),
                workspace_memberships::user_id.eq(user),
                workspace_memberships::role.eq(role.as_str()),
                workspace_memberships::created_at.eq(now),
            ))
            .execute(conn)?;
        let (id, email) = (user.to_string(), email_of(conn, user)?);
        let entry = AuditEntry::new(Action::MemberAdded, person(&id, &email))
            .in_workspace(account, workspace)
            .after(json!({ "role": role.as_str() }));
        audit_log::insert(conn, actor, now, &entry)
    })
}

/// Names and addresses of owners and admins of `account`, owners first, at most `limit`.
pub fn managers(
    conn: &mut PgConnection,
    account: AccountId,
    limit: i64,
) -> Result<Vec<(String, String)>, DbError> {
    let managing = [AccountRole::Owner.as_str(), AccountRole::Admin.as_str()];
    Ok(memberships::table
        .inner_join(users::table)
        .filter(memberships::account_id.eq(account.0))
        .filter(memberships::role.eq_any(managing))
        .filter(users::disabled_at.is_null())
        .order((memberships::role.desc(), memberships::created_at, users::id))
        .limit(limit)
        .select((users::name, users::email))
        .load(conn)?)
}

/// The account with this domain, if `user` belongs to it.
pub fn account_of(
    conn: &mut PgConnection,
    user: UserId,
    domain: &str,
) -> Result<Option<AccountId>, DbError> {
    let id: Option<i32> = memberships::table
        .inner_join(accounts::table)
        .filter(memberships::user_id.eq(user))
        .filter(accounts::domain.eq(domain))
        .select(accounts::id)
        .first(conn)
        .optional()?;
    Ok(id.map(AccountId))
}

/// The domains at which `user` may sign in, in the order they came.
pub fn domains_of(conn: &mut PgConnection, user: UserId) -> Result<Vec<String>, DbError> {
    Ok(memberships::table
        .inner_join(accounts::table)
        .filter(memberships::user_id.eq(user))
        .order((memberships::created_at, accounts::id))
        .select(accounts::domain)
        .load(conn)?)
}
