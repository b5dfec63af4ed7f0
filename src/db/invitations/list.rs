use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::invitations::OPEN_MAX;
use crate::db::members;
use crate::db::schema::invitations;
use crate::db::schema::users;
use crate::domain::account::AccountId;
use crate::domain::role::AccountRole;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenInvitation {
    pub id: Uuid,
    pub email: String,
    pub role: AccountRole,
    pub invited_by: String,
    pub sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Those that wait for an answer, and those whose link has expired, newest first: all of the former,
/// of which an account has `OPEN_MAX` at most, and as many of the latter as fit.
pub fn open(conn: &mut PgConnection, account: AccountId) -> Result<Vec<OpenInvitation>, DbError> {
    type Row = (Uuid, String, String, String, DateTime<Utc>, DateTime<Utc>);
    let rows: Vec<Row> = invitations::table
        .inner_join(users::table.on(users::id.eq(invitations::invited_by)))
        .filter(invitations::account_id.eq(account.0))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::withdrawn_at.is_null())
        .order((invitations::sent_at.desc(), invitations::id))
        .limit(OPEN_MAX)
        .select((
            invitations::id,
            invitations::email,
            invitations::role,
            users::name,
            invitations::sent_at,
            invitations::expires_at,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, email, role, invited_by, sent_at, expires_at)| {
            Ok(OpenInvitation {
                id,
                email,
                role: members::in_account(&role)?,
                invited_by,
                sent_at,
                expires_at,
            })
        })
        .collect()
}
