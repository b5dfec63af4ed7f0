//! Where an account's meters were used.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Date;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::db::plan_usage::first_of_month;
use crate::domain::account::AccountId;

/// Workspaces of one meter that are told apart; the others are one.
pub const PLACES_MAX: i64 = 50;

/// What one workspace used of a meter this month, or of a level all told.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct PlaceUse {
    #[diesel(sql_type = Text)]
    pub meter: String,
    /// `None` where the app named none, and of the workspaces beyond `PLACES_MAX`.
    #[diesel(sql_type = Nullable<Text>)]
    pub workspace: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub api: i64,
    #[diesel(sql_type = BigInt)]
    pub app: i64,
    /// How many workspaces these are; 0 of what belongs to none.
    #[diesel(sql_type = BigInt)]
    pub workspaces: i64,
}

const BY_PLACE: &str = "\
    with place as (
        select daily.meter, daily.workspace_id,
               coalesce(sum(amount) filter (where source = 'api'), 0) as api,
               coalesce(sum(amount) filter (where source = 'app'), 0) as app
          from meter_usage_daily daily join meters on meters.slug = daily.meter
         where daily.account_id = $1 and (meters.kind = 'level' or daily.day >= $2)
         group by daily.meter, daily.workspace_id
    ), ranked as (
        select *, row_number() over (
                   partition by meter
                   order by workspace_id = 0, api + app desc, workspace_id) as rank
          from place
    ), shown as (
        select meter, api, app, workspace_id,
               case when workspace_id = 0 then 0 when rank <= $3 then rank else $3 + 1 end as line
          from ranked
    )
    select shown.meter, max(workspace.name) filter (where line between 1 and $3) as workspace,
           sum(api)::bigint as api, sum(app)::bigint as app,
           count(*) filter (where line > 0) as workspaces
      from shown
      left join workspaces workspace
        on workspace.account_id = $1 and workspace.id = shown.workspace_id
     group by shown.meter, line
     order by shown.meter, line = 0, line";

/// The largest first; then the other workspaces as one, then what belongs to none.
pub fn by_place(
    conn: &mut PgConnection,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<PlaceUse>, DbError> {
    Ok(diesel::sql_query(BY_PLACE)
        .bind::<Integer, _>(account.0)
        .bind::<Date, _>(first_of_month(now))
        .bind::<BigInt, _>(PLACES_MAX)
        .load(conn)?)
}
