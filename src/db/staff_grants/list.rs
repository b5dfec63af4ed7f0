//! Who runs the installation, for the page about them.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::staff_grants;
use crate::db::schema::users;
use crate::db::staff_grants::parse_role;
use crate::domain::person::UserId;
use crate::domain::role::StaffRole;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    pub id: UserId,
    pub name: String,
    pub email: String,
    /// What the list is ordered by: where the next page begins.
    pub folded: String,
    pub role: StaffRole,
    pub since: DateTime<Utc>,
    /// To a minute; `None` before they first signed in.
    pub last_active: Option<DateTime<Utc>>,
}

#[derive(Queryable)]
struct Row {
    id: UserId,
    name: String,
    email: String,
    folded: String,
    role: (String, bool),
    since: DateTime<Utc>,
    last_active: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for StaffMember {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            role: parse_role(&row.role.0, row.role.1)?,
            id: row.id,
            name: row.name,
            email: row.email,
            folded: row.folded,
            since: row.since,
            last_active: row.last_active,
        })
    }
}

/// At most `most` people after the folded address `after`, by address.
pub fn list(conn: &mut PgConnection, after: &str, most: i64) -> Result<Vec<StaffMember>, DbError> {
    let rows: Vec<Row> = staff_grants::table
        .inner_join(users::table)
        .filter(users::email_folded.gt(after))
        .order(users::email_folded)
        .limit(most)
        .select((
            users::id,
            users::name,
            users::email,
            users::email_folded,
            (staff_grants::role, staff_grants::is_lead),
            staff_grants::created_at,
            staff_grants::last_active_at,
        ))
        .load(conn)?;
    rows.into_iter().map(StaffMember::try_from).collect()
}

/// `NotFound` for whoever is no staff.
pub fn member(conn: &mut PgConnection, user: UserId) -> Result<StaffMember, DbError> {
    let row: Row = staff_grants::table
        .inner_join(users::table)
        .filter(users::id.eq(user))
        .select((
            users::id,
            users::name,
            users::email,
            users::email_folded,
            (staff_grants::role, staff_grants::is_lead),
            staff_grants::created_at,
            staff_grants::last_active_at,
        ))
        .first(conn)?;
    row.try_into()
}
