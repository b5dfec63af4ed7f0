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
use crate::db::api_keys::filter::IdleFilter;
use crate::db::api_keys::filter::KeyFilter;
use crate::db::api_keys::filter::KeyView;
use crate::db::api_keys::filter::LifeFilter;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;

/// Counting stops one past this, so that a page of a huge workspace stays cheap.
pub const COUNT_MAX: i64 = 10_000;

/// How many keys each view has. A number above `COUNT_MAX` means "more"; if `all` is above it, the
/// others are "at least".
#[derive(Debug, Clone, Default, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct KeyCounts {
    #[diesel(sql_type = BigInt)]
    pub current: i64,
    #[diesel(sql_type = BigInt)]
    pub attention: i64,
    #[diesel(sql_type = BigInt)]
    pub disabled: i64,
    #[diesel(sql_type = BigInt)]
    pub ended: i64,
    #[diesel(sql_type = BigInt)]
    pub all: i64,
    #[diesel(sql_type = BigInt)]
    pub expiring: i64,
    #[diesel(sql_type = BigInt)]
    pub never_expires: i64,
    #[diesel(sql_type = BigInt)]
    pub never_used: i64,
    #[diesel(sql_type = BigInt)]
    pub idle: i64,
    /// What the filter finds.
    #[diesel(sql_type = BigInt)]
    pub matching: i64,
}

/// Every view's count and the filter's, in one query.
pub fn count(
    conn: &mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
    filter: &KeyFilter,
    now: DateTime<Utc>,
) -> Result<KeyCounts, DbError> {
    let search = filter.search.as_ref();
    let counts = diesel::sql_query(sql(filter))
        .bind::<Integer, _>(account.0)
        .bind::<Integer, _>(workspace.0)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Text>, _>(search.map(|search| &search.folded))
        .bind::<Nullable<Text>, _>(
            search
                .and_then(|search| search.id)
                .as_ref()
                .map(ApiKeyId::as_str),
        )
        .bind::<Nullable<Text>, _>(search.and_then(|search| search.last_four.as_ref()))
        .bind::<Array<Text>, _>(&filter.scopes)
        .bind::<BigInt, _>(COUNT_MAX + 1)
        .get_result(conn)?;
    Ok(counts)
}

fn sql(filter: &KeyFilter) -> String {
    let of =
        |name: &str, condition: String| format!("count(*) filter (where {condition}) as {name}");
    let columns = [
        of("current", KeyView::Current.sql()),
        of("attention", KeyView::Attention.sql()),
        of("disabled", KeyView::Disabled.sql()),
        of("ended", KeyView::Ended.sql()),
        of("\"all\"", KeyView::All.sql()),
        of("expiring", LifeFilter::WithinSevenDays.sql()),
        of("never_expires", LifeFilter::Never.sql()),
        of("never_used", IdleFilter::NeverUsed.sql()),
        of("idle", IdleFilter::NinetyDays.sql()),
    ];
    format!(
        "select {}, (select count(*) from (select from api_keys k where k.account_id = $1 \
         and k.workspace_id = $2 and {} limit $8) found) as matching \
         from (select revoked_at, expires_at, disabled_at, last_used_at, account_id, id \
         from api_keys where account_id = $1 and workspace_id = $2 limit $8) k",
        columns.join(", "),
        filter.sql(),
    )
}
