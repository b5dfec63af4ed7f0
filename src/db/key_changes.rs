//! The news that mirrors follow.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::db::schema::key_changes;

/// Deletes news from before `first_kept`. The last one stays whatever its age: its number tells a
/// node that it has missed nothing.
pub fn forget_before(conn: &mut PgConnection, first_kept: DateTime<Utc>) -> Result<usize, DbError> {
    let last: Option<i64> = key_changes::table
        .select(diesel::dsl::max(key_changes::seq))
        .first(conn)?;
    let old = key_changes::table
        .filter(key_changes::at.lt(first_kept))
        .filter(key_changes::seq.lt(last.unwrap_or_default()));
    Ok(diesel::delete(old).execute(conn)?)
}

/// The number that this connection's last change drew. Whatever other connections do, it is ours.
pub fn drawn_here(conn: &mut PgConnection) -> Result<i64, DbError> {
    let sequence = pg_get_serial_sequence("key_changes", "seq");
    let seq = diesel::select(currval(sequence)).first(conn)?;
    Ok(seq)
}

diesel::define_sql_function! {
    fn currval(sequence: Nullable<Text>) -> BigInt;
}
diesel::define_sql_function! {
    fn pg_get_serial_sequence(table: Text, column: Text) -> Nullable<Text>;
}
