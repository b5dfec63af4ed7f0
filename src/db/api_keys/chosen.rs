use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;

use crate::db::DbError;
use crate::db::corrupt;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::key_state::KeyTimes;
use crate::domain::person::UserId;

/// One of several keys that somebody wants to stop, and what it did lately.
#[derive(Debug, Clone)]
pub struct ChosenKey {
    pub id: ApiKeyId,
    pub name: String,
    pub last_four: String,
    /// `None` for a service key.
    pub owner: Option<UserId>,
    pub times: KeyTimes,
    pub last_used_at: Option<DateTime<Utc>>,
    /// Of the last 24 hours, to the hour.
    pub requests: i64,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    last_four: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    owner_id: Option<UserId>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    disabled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    revoked_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_used_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    requests: i64,
}

/// Those of `ids` that are keys of this workspace, by name, in one query.
pub fn chosen(
    conn: &mut PgConnection,
    (account, workspace): (AccountId, WorkspaceId),
    ids: &[ApiKeyId],
    now: DateTime<Utc>,
) -> Result<Vec<ChosenKey>, DbError> {
    let ids: Vec<&str> = ids.iter().map(ApiKeyId::as_str).collect();
    let rows: Vec<Row> = diesel::sql_query(
        "select k.id, k.name, k.owner_id, k.expires_at, k.disabled_at, k.revoked_at,
             k.last_used_at,
             (select last_four from key_secrets s
              where s.account_id = k.account_id and s.key_id = k.id
              order by generation desc limit 1) as last_four,
             (select coalesce(sum(h.requests), 0)::bigint from usage_hourly h
              where h.account_id = k.account_id and h.key_id = k.id and h.hour > $4) as requests
         from api_keys k
         where k.account_id = $1 and k.workspace_id = $2 and k.id = any($3)
         order by k.name_folded, k.id",
    )
    .bind::<Integer, _>(account.0)
    .bind::<Integer, _>(workspace.0)
    .bind::<Array<Text>, _>(ids)
    .bind::<Timestamptz, _>(now - TimeDelta::days(1))
    .load(conn)?;
    rows.into_iter().map(chosen_key).collect()
}

fn chosen_key(row: Row) -> Result<ChosenKey, DbError> {
    let id = row
        .id
        .parse()
        .map_err(|_| corrupt("api_keys", "id", &row.id))?;
    Ok(ChosenKey {
        id,
        name: row.name,
        last_four: row.last_four.unwrap_or_default(),
        owner: row.owner_id,
        times: KeyTimes {
            revoked_at: row.revoked_at,
            disabled_at: row.disabled_at,
            expires_at: row.expires_at,
            ..KeyTimes::default()
        },
        last_used_at: row.last_used_at,
        requests: row.requests,
    })
}
