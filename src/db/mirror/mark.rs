//! Whether a database is still the one that a node has followed, or an older copy of it.

use diesel::data_types::PgTimestamp;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::key_changes;

/// A change that a node has seen: its number, and its time in microseconds. A copy that goes on
/// without the change gives its number to another one, of another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub seq: i64,
    pub at_us: i64,
}

/// The last change; `None` if there was none.
pub fn last_mark(conn: &mut PgConnection) -> Result<Option<Mark>, DbError> {
    let last: Option<(i64, PgTimestamp)> = key_changes::table
        .order(key_changes::seq.desc())
        .select((key_changes::seq, key_changes::at))
        .first(conn)
        .optional()?;
    Ok(last.map(|(seq, PgTimestamp(at_us))| Mark { seq, at_us }))
}

/// Whether the database has seen the change too. What is older than it keeps counts as seen.
pub fn holds(conn: &mut PgConnection, mark: Mark) -> Result<bool, DbError> {
    let at: Option<PgTimestamp> = key_changes::table
        .find(mark.seq)
        .select(key_changes::at)
        .first(conn)
        .optional()?;
    if let Some(PgTimestamp(at_us)) = at {
        return Ok(at_us == mark.at_us);
    }
    let first: Option<i64> = key_changes::table
        .select(diesel::dsl::min(key_changes::seq))
        .first(conn)?;
    Ok(first.is_some_and(|first| first > mark.seq))
}
