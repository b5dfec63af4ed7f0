//! Texts that repeat in log rows. A row holds the number of its text.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::Array;
use diesel::sql_types::Date;
use diesel::sql_types::Int2;
use diesel::sql_types::Int4;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::db::schema::log_texts;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextKind {
    Path,
    Agent,
    KeyName,
    /// What a refusal missed.
    Detail,
}

impl TextKind {
    /// As `log_texts.kind` stores it.
    pub fn number(self) -> i16 {
        match self {
            Self::Path => 1,
            Self::Agent => 2,
            Self::KeyName => 3,
            Self::Detail => 4,
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Int4)]
    id: i32,
    #[diesel(sql_type = Text)]
    value: String,
}

/// The numbers of `values`, making the missing ones, and notes that they were used on `day`.
/// Each value may be named once; in order, so that two nodes do not deadlock.
pub fn resolve(
    conn: &mut PgConnection,
    kind: TextKind,
    mut values: Vec<&str>,
    day: NaiveDate,
) -> Result<Vec<(String, i32)>, DbError> {
    values.sort_unstable();
    let rows: Vec<Row> = diesel::sql_query(
        "insert into log_texts as old (kind, value, seen_on)
         select $1, value, $3 from unnest($2) as value
         on conflict (kind, value) do update
             set seen_on = greatest(old.seen_on, excluded.seen_on)
         returning id, value",
    )
    .bind::<Int2, _>(kind.number())
    .bind::<Array<Text>, _>(values)
    .bind::<Date, _>(day)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.value, row.id)).collect())
}

/// The numbers of the texts that are like `pattern`, at most so many.
pub fn like(
    conn: &mut PgConnection,
    kind: TextKind,
    pattern: &str,
    most: usize,
) -> Result<Vec<i32>, Error> {
    log_texts::table
        .filter(log_texts::kind.eq(kind.number()))
        .filter(log_texts::value.like(pattern))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .select(log_texts::id)
        .load(conn)
}

/// Deletes the texts that were last used before `first_kept`: no row that is kept has them.
pub fn forget_before(conn: &mut PgConnection, first_kept: NaiveDate) -> Result<usize, DbError> {
    Ok(diesel::delete(log_texts::table.filter(log_texts::seen_on.lt(first_kept))).execute(conn)?)
}
