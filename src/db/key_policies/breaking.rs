use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::key_policy::KeyPolicy;

/// More keys than this are not looked at.
pub const KEYS_MAX: i64 = 10_000;

/// Keys that work, or may work again, and are not as a policy asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct Breaking {
    /// How many were looked at, at most `KEYS_MAX`.
    #[diesel(sql_type = BigInt)]
    pub keys: i64,
    #[diesel(sql_type = BigInt)]
    pub breaking: i64,
    /// Those that live too long.
    #[diesel(sql_type = BigInt)]
    pub life: i64,
    /// Those whose scope is none of the policy's.
    #[diesel(sql_type = BigInt)]
    pub scope: i64,
}

/// The end of a life is that of `KeyPolicy::latest`.
const SQL: &str = "
    select count(*) as keys, count(*) filter (where life or scope) as breaking,
           count(*) filter (where life) as life, count(*) filter (where scope) as scope
      from (select $4::integer is not null and (expires_at is null or expires_at
                   > (date_trunc('day', created_at at time zone 'UTC')
                      + ($4 + 1) * interval '1 day') at time zone 'UTC') as life,
                   $5::text[] is not null and preset <> all ($5) as scope
              from api_keys
             where account_id = $1 and workspace_id = $2 and revoked_at is null
               and (expires_at is null or expires_at > $3)
             limit $6) looked_at";

/// In one query.
pub fn breaking(
    conn: &mut PgConnection,
    (account, workspace): (AccountId, WorkspaceId),
    policy: &KeyPolicy,
    now: DateTime<Utc>,
) -> Result<Breaking, DbError> {
    Ok(diesel::sql_query(SQL)
        .bind::<Integer, _>(account.0)
        .bind::<Integer, _>(workspace.0)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Integer>, _>(policy.longest_life.map(i32::from))
        .bind::<Nullable<Array<Text>>, _>(policy.scopes.as_deref())
        .bind::<BigInt, _>(KEYS_MAX)
        .get_result(conn)?)
}
