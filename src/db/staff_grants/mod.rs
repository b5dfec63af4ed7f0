//! Roles at the operator.

mod list;

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
use crate::db::corrupt;
use crate::db::schema::staff_grants;
use crate::db::schema::users;
use crate::db::sessions;
use crate::db::users::email_of;
use crate::db::users::person;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::UserId;
use crate::domain::role::StaffRole;

pub use crate::db::staff_grants::list::StaffMember;
pub use crate::db::staff_grants::list::list;
pub use crate::db::staff_grants::list::member;

/// `DbError::Conflict` with this: the person has a role already.
pub const STAFF_ALREADY: &str = "staff_grants_pkey";
/// `DbError::Conflict` with this: an installation has one operator at least.
pub const LAST_OPERATOR: &str = "staff_grants_last_operator";

/// Gives `user` the role. `DbError::Conflict` with `STAFF_ALREADY` if they have one.
pub fn add(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (user, email): (UserId, &str),
    role: StaffRole,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        diesel::insert_into(staff_grants::table)
            .values((
                staff_grants::user_id.eq(user),
                staff_grants::role.eq(stored(role)),
                staff_grants::is_lead.eq(is_lead(role)),
                staff_grants::created_at.eq(now),
            ))
            .execute(conn)?;
        let id = user.to_string();
        let entry = AuditEntry::new(Action::StaffGranted, person(&id, email))
            .after(json!({ "role": role.as_str() }));
        audit_log::insert(conn, actor, now, &entry)
    })
}

/// Takes the role from `user` and ends their sessions, those in accounts too. `NotFound` if they
/// have none; `DbError::Conflict` with `LAST_OPERATOR` where nobody could run the installation.
pub fn revoke(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    user: UserId,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        let operators = lock_operators(conn)?;
        let role = find(conn, user)?.ok_or(DbError::NotFound)?;
        if role == StaffRole::Operator && operators.iter().all(|other| *other == user) {
            return Err(DbError::Conflict(LAST_OPERATOR.to_owned()));
        }
        diesel::delete(staff_grants::table.find(user)).execute(conn)?;
        let (id, email) = (user.to_string(), email_of(conn, user)?);
        let entry = AuditEntry {
            before: Some(json!({ "role": role.as_str() })),
            ..AuditEntry::new(Action::StaffRevoked, person(&id, &email))
        };
        audit_log::insert(conn, actor, now, &entry)?;
        sessions::end_all_of(conn, actor, now, user)
    })
}

/// The operators who can sign in. Two who take the role from each other wait for one another here.
fn lock_operators(conn: &mut PgConnection) -> Result<Vec<UserId>, DbError> {
    let ids: Vec<UserId> = staff_grants::table
        .filter(staff_grants::role.eq(stored(StaffRole::Operator)))
        .order(staff_grants::user_id)
        .for_update()
        .select(staff_grants::user_id)
        .load(conn)?;
    Ok(users::table
        .filter(users::id.eq_any(ids))
        .filter(users::disabled_at.is_null())
        .select(users::id)
        .load(conn)?)
}

/// Notes that somebody is at work, if they are staff.
pub(super) fn note_active(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    user: UserId,
) -> Result<(), DbError> {
    diesel::update(staff_grants::table.find(user))
        .set(staff_grants::last_active_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Gives `user` the role, in place of one they had.
pub fn grant(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (user, email): (UserId, &str),
    role: StaffRole,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        diesel::insert_into(staff_grants::table)
            .values((
                staff_grants::user_id.eq(user),
                staff_grants::role.eq(stored(role)),
                staff_grants::is_lead.eq(is_lead(role)),
                staff_grants::created_at.eq(now),
            ))
            .on_conflict(staff_grants::user_id)
            .do_update()
            .set((
                staff_grants::role.eq(stored(role)),
                staff_grants::is_lead.eq(is_lead(role)),
            ))
            .execute(conn)?;
        let id = user.to_string();
        let entry = AuditEntry::new(Action::StaffGranted, person(&id, email))
            .after(json!({ "role": role.as_str() }));
        audit_log::insert(conn, actor, now, &entry)
    })
}

pub fn find(conn: &mut PgConnection, user: UserId) -> Result<Option<StaffRole>, DbError> {
    let role: Option<(String, bool)> = staff_grants::table
        .find(user)
        .select((staff_grants::role, staff_grants::is_lead))
        .first(conn)
        .optional()?;
    role.map(|(role, lead)| parse_role(&role, lead)).transpose()
}

/// To a node one version older a lead is support like the others, so that is a column of its own.
pub(super) fn parse_role(role: &str, lead: bool) -> Result<StaffRole, DbError> {
    match role.parse() {
        Ok(StaffRole::Support) if lead => Ok(StaffRole::SupportLead),
        Ok(role) => Ok(role),
        Err(_) => Err(corrupt("staff_grants", "role", role)),
    }
}

fn stored(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Operator => "operator",
        StaffRole::SupportLead | StaffRole::Support => "support",
    }
}

fn is_lead(role: StaffRole) -> bool {
    role == StaffRole::SupportLead
}
