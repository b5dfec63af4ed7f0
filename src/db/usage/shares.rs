//! Who made up a workspace's requests of the last 30 days: its keys, its categories; and what it
//! used of the account's meters.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Bool;
use diesel::sql_types::Date;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::db::usage::first_day;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;

/// Keys that are told one by one, the busiest.
pub const KEYS_MAX: i64 = 50;

/// Categories that are told one by one, the busiest.
pub const CATEGORIES_MAX: i64 = 20;

#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct KeyShare {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub category: String,
    #[diesel(sql_type = Bool)]
    pub revoked: bool,
    #[diesel(sql_type = BigInt)]
    pub requests: i64,
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    #[diesel(sql_type = BigInt)]
    pub credits: i64,
}

const BY_KEY: &str = "\
    with busiest as (
        select id, name, category, revoked_at is not null as revoked, requests_30d
          from api_keys
         where account_id = $1 and workspace_id = $2 and requests_30d > 0
           and ($3 is null or category = $3)
         order by requests_30d desc, id desc limit $4)
    select busiest.id, busiest.name, busiest.category, busiest.revoked,
           coalesce(daily.requests, 0)::bigint as requests,
           coalesce(daily.failed, 0)::bigint as failed,
           coalesce(daily.credits, 0)::bigint as credits
      from busiest
      left join lateral (
            select sum(requests) as requests, sum(failed) as failed, sum(credits) as credits
              from usage_daily
             where account_id = $1 and key_id = busiest.id and day >= $5) daily on true
     order by requests desc, busiest.id desc";

/// The busiest keys, of one category if one is named.
pub fn by_key(
    conn: &mut PgConnection,
    (account, workspace): (AccountId, WorkspaceId),
    category: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Vec<KeyShare>, DbError> {
    Ok(diesel::sql_query(BY_KEY)
        .bind::<Integer, _>(account.0)
        .bind::<Integer, _>(workspace.0)
        .bind::<Nullable<Text>, _>(category)
        .bind::<BigInt, _>(KEYS_MAX)
        .bind::<Date, _>(first_day(now))
        .load(conn)?)
}

#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct CategoryShare {
    /// Empty for keys without one.
    #[diesel(sql_type = Text)]
    pub category: String,
    #[diesel(sql_type = BigInt)]
    pub keys: i64,
    #[diesel(sql_type = BigInt)]
    pub requests: i64,
}

/// The busiest categories, by the categories that the keys have now.
pub fn by_category(
    conn: &mut PgConnection,
    (account, workspace): (AccountId, WorkspaceId),
) -> Result<Vec<CategoryShare>, DbError> {
    Ok(diesel::sql_query(
        "select category, count(*) as keys, sum(requests_30d)::bigint as requests
           from api_keys where account_id = $1 and workspace_id = $2
          group by category order by requests desc, category limit $3",
    )
    .bind::<Integer, _>(account.0)
    .bind::<Integer, _>(workspace.0)
    .bind::<BigInt, _>(CATEGORIES_MAX)
    .load(conn)?)
}

#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct MeterShare {
    #[diesel(sql_type = Text)]
    pub label: String,
    /// Rises and falls: told of all time.
    #[diesel(sql_type = Bool)]
    pub is_level: bool,
    #[diesel(sql_type = BigInt)]
    pub api: i64,
    #[diesel(sql_type = BigInt)]
    pub app: i64,
}

/// What the workspace used of each meter in the last 30 days.
pub fn by_meter(
    conn: &mut PgConnection,
    (account, workspace): (AccountId, WorkspaceId),
    now: DateTime<Utc>,
) -> Result<Vec<MeterShare>, DbError> {
    Ok(diesel::sql_query(
        "select meter.label, meter.kind = 'level' as is_level,
                coalesce(sum(amount) filter (where source = 'api'), 0)::bigint as api,
                coalesce(sum(amount) filter (where source = 'app'), 0)::bigint as app
           from meters meter
           join meter_usage_daily daily on daily.meter = meter.slug
          where daily.account_id = $1 and daily.workspace_id = $2
            and (meter.kind = 'level' or daily.day >= $3)
          group by meter.slug, meter.label, meter.kind order by meter.slug",
    )
    .bind::<Integer, _>(account.0)
    .bind::<Integer, _>(workspace.0)
    .bind::<Date, _>(first_day(now))
    .load(conn)?)
}
