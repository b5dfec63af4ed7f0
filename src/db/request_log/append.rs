//! Rows into the log, by COPY.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use ipnet::IpNet;

use crate::db::DbError;
use crate::db::log_schema::request_log;

/// A row as it is stored. Its texts are `log_texts`.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = request_log, treat_none_as_default_value = false)]
pub struct NewLogRow<'a> {
    pub at: DateTime<Utc>,
    pub account_id: i32,
    pub workspace_id: i32,
    pub path_id: i32,
    pub agent_id: i32,
    pub name_id: i32,
    pub credits: i32,
    pub duration_us: Option<i32>,
    pub status: Option<i16>,
    /// `DenyReason::number`; 0 is allowed.
    pub code: i16,
    /// `Method::number`; 0 is not told.
    pub method: i16,
    pub surface: i16,
    pub generation: i16,
    pub key_id: &'a str,
    pub request_id: &'a str,
    pub ip: Option<IpNet>,
}

/// The partitions of the rows' days must be there: see `partitions::ensure`.
pub fn append(conn: &mut PgConnection, rows: &[NewLogRow<'_>]) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    diesel::copy_from(request_log::table)
        .from_insertable(rows)
        .execute(conn)?;
    Ok(())
}
