//! What an account has bought and how much of it is used, for pages.

mod by_place;

use chrono::DateTime;
use chrono::Datelike;
use chrono::NaiveDate;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Date;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;
use crate::db::corrupt;
use crate::domain::account::AccountId;
use crate::domain::plan::MeterKind;

pub use crate::db::plan_usage::by_place::PLACES_MAX;
pub use crate::db::plan_usage::by_place::PlaceUse;
pub use crate::db::plan_usage::by_place::by_place;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanUsage {
    pub name: String,
    /// Requests of the whole account; `None` is without a limit.
    pub per_second: Option<i64>,
    pub per_minute: Option<i64>,
    /// By slug. None where the catalogue has no meters.
    pub meters: Vec<MeterUsage>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterUsage {
    pub slug: String,
    pub label: String,
    pub kind: MeterKind,
    /// `None` is without a limit.
    pub cap: Option<i64>,
    /// Of this month, or the level. Of a capped meter with what nodes have set aside for calls to
    /// come; above the cap where the app used more.
    pub used: i64,
    /// What is known of calls and the app, for sure.
    pub known: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    per_second: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    per_minute: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    slug: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    label: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    cap: Option<i64>,
    #[diesel(sql_type = BigInt)]
    counted: i64,
    #[diesel(sql_type = BigInt)]
    known: i64,
}

const OF_ACCOUNT: &str = "\
    select plan.name, plan.per_second, plan.per_minute, meter.slug, meter.label, meter.kind,
           cap.amount as cap, coalesce(counter.used, 0)::bigint as counted,
           coalesce(rollup.amount, 0)::bigint as known
      from accounts account
      join plans plan on plan.slug = account.plan
      left join meters meter on true
      left join plan_meters cap on cap.plan = plan.slug and cap.meter = meter.slug
      left join lateral (
            select used from limit_states(account.id, array['meter:' || meter.slug], $2)
             where cap.amount is not null limit 1) counter on true
      left join lateral (
            select sum(amount) as amount from meter_usage_daily daily
             where daily.account_id = account.id and daily.meter = meter.slug
               and (meter.kind = 'level' or daily.day >= $3)) rollup on true
     where account.id = $1
     order by meter.slug";

/// In one query, however many meters there are.
pub fn of_account(
    conn: &mut PgConnection,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<PlanUsage, DbError> {
    let rows: Vec<Row> = diesel::sql_query(OF_ACCOUNT)
        .bind::<Integer, _>(account.0)
        .bind::<Timestamptz, _>(now)
        .bind::<Date, _>(first_of_month(now))
        .load(conn)?;
    let plan = rows.first().ok_or(DbError::NotFound)?;
    Ok(PlanUsage {
        name: plan.name.clone(),
        per_second: plan.per_second,
        per_minute: plan.per_minute,
        meters: rows.iter().filter_map(meter).collect::<Result<_, _>>()?,
    })
}

fn meter(row: &Row) -> Option<Result<MeterUsage, DbError>> {
    let (slug, label, kind) = (row.slug.as_ref()?, row.label.as_ref()?, row.kind.as_ref()?);
    let Some(kind) = MeterKind::parse(kind) else {
        return Some(Err(corrupt("meters", "kind", kind)));
    };
    Some(Ok(MeterUsage {
        slug: slug.clone(),
        label: label.clone(),
        kind,
        cap: row.cap,
        // Without a cap nothing is counted for sure but what is rolled up.
        used: row.cap.map_or(row.known, |_| row.counted).max(0),
        known: row.known,
    }))
}

/// The day on which what is counted per month began.
pub fn first_of_month(now: DateTime<Utc>) -> NaiveDate {
    let today = now.date_naive();
    today.with_day(1).unwrap_or(today)
}
