use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Date;
use diesel::sql_types::Inet;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;
use ipnet::IpNet;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::api_keys::list::ListedKey;
use crate::db::api_keys::owner_row::ListedOwner;
use crate::domain::key_state::KeyTimes;

/// As the list's query selects it.
#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    name_folded: String,
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = Text)]
    scope: String,
    #[diesel(sql_type = Integer)]
    permissions: i32,
    #[diesel(sql_type = Integer)]
    resources: i32,
    #[diesel(sql_type = SqlUuid)]
    created_by: Uuid,
    #[diesel(sql_type = Text)]
    creator_name: String,
    #[diesel(sql_type = Text)]
    creator_email: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    owner_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    owner_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    owner_email: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    disabled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    revoked_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    retires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_used_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Inet>)]
    last_used_ip: Option<IpNet>,
    #[diesel(sql_type = BigInt)]
    requests_30d: i64,
    #[diesel(sql_type = Nullable<Text>)]
    last_four: Option<String>,
    #[diesel(sql_type = Array<Date>)]
    days: Vec<NaiveDate>,
    #[diesel(sql_type = Array<BigInt>)]
    requests: Vec<i64>,
}

pub(super) fn listed_key(row: Row) -> Result<ListedKey, DbError> {
    let id = row.id.parse().map_err(|_| DbError::Corrupt {
        table: "api_keys",
        column: "id",
        value: row.id,
    })?;
    Ok(ListedKey {
        id,
        name: row.name,
        name_folded: row.name_folded,
        category: row.category,
        scope: row.scope,
        permissions: row.permissions,
        resources: row.resources,
        last_four: row.last_four.unwrap_or_default(),
        owner: match row.owner_id {
            None => ListedOwner::Nobody,
            Some(id) if id == row.created_by => ListedOwner::Creator(id),
            Some(id) => ListedOwner::Other {
                id,
                name: row.owner_name.unwrap_or_default(),
                email: row.owner_email.unwrap_or_default(),
            },
        },
        creator_name: row.creator_name,
        creator_email: row.creator_email,
        created_at: row.created_at,
        times: KeyTimes {
            revoked_at: row.revoked_at,
            disabled_at: row.disabled_at,
            expires_at: row.expires_at,
            retires_at: row.retires_at,
        },
        last_used_at: row.last_used_at,
        last_used_ip: row.last_used_ip.map(|net| net.addr()),
        requests_30d: row.requests_30d,
        requests: row.requests.iter().sum(),
        daily: row.days.into_iter().zip(row.requests).collect(),
    })
}
