//! What refusals missed, by name, for the few rows that have such a name.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::log_schema::request_details;

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = request_details, treat_none_as_default_value = false)]
pub struct NewDetail {
    pub at: DateTime<Utc>,
    pub account_id: i32,
    pub request_id: String,
    /// Of `log_texts`.
    pub detail_id: i32,
}

pub fn append(conn: &mut PgConnection, details: &[NewDetail]) -> Result<(), DbError> {
    if !details.is_empty() {
        diesel::copy_from(request_details::table)
            .from_insertable(details)
            .execute(conn)?;
    }
    Ok(())
}

/// Deletes those of requests before `time` and tells how many that were.
pub fn forget_before(conn: &mut PgConnection, time: DateTime<Utc>) -> Result<usize, DbError> {
    let old = request_details::table.filter(request_details::at.lt(time));
    Ok(diesel::delete(old).execute(conn)?)
}
