//! Roles at the operator.

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
use crate::db::users::person;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::UserId;
use crate::domain::role::StaffRole;

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
                staff_grants::role.eq(role.as_str()),
                staff_grants::created_at.eq(now),
            ))
            .on_conflict(staff_grants::user_id)
            .do_update()
            .set(staff_grants::role.eq(role.as_str()))
            .execute(conn)?;
        let id = user.to_string();
        let entry = AuditEntry::new(Action::StaffGranted, person(&id, email))
            .after(json!({ "role": role.as_str() }));
        audit_log::insert(conn, actor, now, &entry)
    })
}

pub fn find(conn: &mut PgConnection, user: UserId) -> Result<Option<StaffRole>, DbError> {
    let role: Option<String> = staff_grants::table
        .find(user)
        .select(staff_grants::role)
        .first(conn)
        .optional()?;
    role.map(|role| parse_role(&role)).transpose()
}

pub(super) fn parse_role(role: &str) -> Result<StaffRole, DbError> {
    role.parse()
        .map_err(|_| corrupt("staff_grants", "role", role))
}
