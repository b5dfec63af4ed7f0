//! What is used of limits and plans, for pages.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::SmallInt;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;
use crate::db::corrupt;
use crate::db::limits::span_state;
use crate::domain::account::AccountId;
use crate::domain::lease::SpanState;
use crate::domain::lease::Subject;

/// The states of `subjects`, in one query. A subject without caps, or a meter that was never
/// counted, has no entry. `now` is for tests.
pub fn states(
    conn: &mut PgConnection,
    account: AccountId,
    subjects: &[Subject],
    now: Option<DateTime<Utc>>,
) -> Result<BTreeMap<Subject, Vec<SpanState>>, DbError> {
    let names: Vec<String> = subjects.iter().map(Subject::to_string).collect();
    let rows: Vec<StateRow> = diesel::sql_query("select * from limit_states($1, $2, $3)")
        .bind::<Integer, _>(account.0)
        .bind::<Array<Text>, _>(names)
        .bind::<Nullable<Timestamptz>, _>(now)
        .load(conn)?;
    let mut states: BTreeMap<Subject, Vec<SpanState>> = BTreeMap::new();
    for row in rows {
        let subject = Subject::parse(&row.subject)
            .ok_or_else(|| corrupt("limit_counters", "subject", &row.subject))?;
        let state = span_state(row.span, row.cap, row.used, row.frees_in)?;
        states.entry(subject).or_default().push(state);
    }
    Ok(states)
}

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = SmallInt)]
    span: i16,
    #[diesel(sql_type = Nullable<BigInt>)]
    cap: Option<i64>,
    #[diesel(sql_type = BigInt)]
    used: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    frees_in: Option<i64>,
}
