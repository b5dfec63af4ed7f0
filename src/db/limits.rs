//! The counters behind limits and plans: taking in advance, giving back, adding what happened.
//!
//! The arithmetic is in the database (see the migration), where it is one for all nodes.

mod read;

use chrono::DateTime;
use chrono::TimeDelta;
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
use crate::domain::lease::Ask;
use crate::domain::lease::Charge;
use crate::domain::lease::Grant;
use crate::domain::lease::Leftover;
use crate::domain::lease::Span;
use crate::domain::lease::SpanState;
use crate::domain::lease::SpanStates;
use crate::domain::lease::Usage;

pub use crate::db::limits::read::states;

/// Subjects that one call takes, or gives back, or adds to.
pub const SUBJECTS_MAX: usize = 1_000;

/// Takes what is asked, as far as there is room; one answer for each ask, in their order. All in
/// one transaction. `now` is for tests: without it the database's clock counts.
pub fn take(
    conn: &mut PgConnection,
    asks: &[Ask],
    now: Option<DateTime<Utc>>,
) -> Result<Vec<Grant>, DbError> {
    let numbers = |of: fn(&Ask) -> u64| asks.iter().map(|ask| bigint(of(ask))).collect::<Vec<_>>();
    let mut rows: Vec<GrantRow> =
        diesel::sql_query("select * from take_leases($1, $2, $3, $4, $5)")
            .bind::<Array<Integer>, _>(column(asks, |ask| ask.account.0))
            .bind::<Array<Text>, _>(column(asks, |ask| ask.subject.to_string()))
            .bind::<Array<BigInt>, _>(numbers(|ask| ask.needed))
            .bind::<Array<BigInt>, _>(numbers(|ask| ask.wanted))
            .bind::<Nullable<Timestamptz>, _>(now)
            .load(conn)?;
    rows.sort_by_key(|row| row.place);
    rows.iter().map(grant).collect()
}

/// Gives back what will not be spent. At most once: a call of which the answer was lost is not
/// repeated, for what it gave back would be given back twice.
pub fn give_back(
    conn: &mut PgConnection,
    leftovers: &[Leftover],
    now: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    diesel::sql_query("select give_back_leases($1, $2, $3, $4, $5, $6)")
        .bind::<Array<Integer>, _>(column(leftovers, |left| left.account.0))
        .bind::<Array<Text>, _>(column(leftovers, |left| left.subject.to_string()))
        .bind::<Array<Integer>, _>(column(leftovers, |left| left.charge.spans))
        .bind::<Array<Timestamptz>, _>(column(leftovers, |left| left.charge.bin))
        .bind::<Array<BigInt>, _>(column(leftovers, |left| bigint(left.amount)))
        .bind::<Nullable<Timestamptz>, _>(now)
        .execute(conn)?;
    Ok(())
}

/// Adds what has happened, in the caller's transaction; the caller sees to it that no event is
/// added twice. Touches the counters in the order in which everybody does.
pub fn add(
    conn: &mut PgConnection,
    usage: &[Usage],
    now: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    diesel::sql_query("select add_usage($1, $2, $3, $4, $5)")
        .bind::<Array<Integer>, _>(column(usage, |event| event.account.0))
        .bind::<Array<Text>, _>(column(usage, |event| event.subject.to_string()))
        .bind::<Array<BigInt>, _>(column(usage, |event| event.amount))
        .bind::<Array<Timestamptz>, _>(column(usage, |event| event.at))
        .bind::<Nullable<Timestamptz>, _>(now)
        .execute(conn)?;
    Ok(())
}

/// Takes off what has freed of subjects that nobody asks for, and forgets counters at nothing and
/// of keys that are gone. Returns how many rows went; fewer than `SUBJECTS_MAX` is all.
pub fn sweep(conn: &mut PgConnection, now: Option<DateTime<Utc>>) -> Result<usize, DbError> {
    let swept: Swept = diesel::sql_query("select sweep_limits($1, $2) as swept")
        .bind::<Integer, _>(i32::try_from(SUBJECTS_MAX).unwrap_or(i32::MAX))
        .bind::<Nullable<Timestamptz>, _>(now)
        .get_result(conn)?;
    Ok(usize::try_from(swept.swept).unwrap_or_default())
}

#[derive(QueryableByName)]
struct Swept {
    #[diesel(sql_type = BigInt)]
    swept: i64,
}

#[derive(QueryableByName)]
struct GrantRow {
    #[diesel(sql_type = Integer)]
    place: i32,
    #[diesel(sql_type = BigInt)]
    granted: i64,
    #[diesel(sql_type = Timestamptz)]
    bin: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    ends_in: i64,
    #[diesel(sql_type = Array<SmallInt>)]
    spans: Vec<i16>,
    #[diesel(sql_type = Array<BigInt>)]
    caps: Vec<i64>,
    #[diesel(sql_type = Array<BigInt>)]
    used: Vec<i64>,
    #[diesel(sql_type = Array<Nullable<BigInt>>)]
    frees_in: Vec<Option<i64>>,
}

fn grant(row: &GrantRow) -> Result<Grant, DbError> {
    let mut states = SpanStates::default();
    let mut spans = 0;
    let counted = row.caps.iter().zip(&row.used).zip(&row.frees_in);
    for (place, (number, ((cap, used), frees_in))) in row.spans.iter().zip(counted).enumerate() {
        let state = states.get_mut(place).ok_or_else(|| unknown_span(*number))?;
        *state = Some(span_state(*number, Some(*cap), *used, *frees_in)?);
        spans |= 1 << number;
    }
    Ok(Grant {
        amount: unsigned(row.granted),
        charge: Charge {
            bin: row.bin,
            spans,
        },
        ends_in: TimeDelta::microseconds(row.ends_in),
        states,
    })
}

/// As the database's functions tell it.
pub(super) fn span_state(
    number: i16,
    cap: Option<i64>,
    used: i64,
    frees_in: Option<i64>,
) -> Result<SpanState, DbError> {
    Ok(SpanState {
        span: Span::from_number(number).ok_or_else(|| unknown_span(number))?,
        cap: cap.map(unsigned),
        used: unsigned(used),
        frees_in: frees_in.map(|us| TimeDelta::microseconds(us.max(0))),
    })
}

fn unknown_span(number: i16) -> DbError {
    corrupt("limit_counters", "span", &number.to_string())
}

fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
