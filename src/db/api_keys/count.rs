use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Text;
use diesel::sql_types::Uuid as SqlUuid;

use crate::db::DbError;
use crate::db::api_keys::filter::IdleFilter;
use crate::db::api_keys::filter::KeyFilter;
use crate::db::api_keys::filter::KeyView;
use crate::db::api_keys::filter::LifeFilter;
use crate::db::api_keys::filter::ReachFilter;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::person::UserId;

/// Counting stops one past this, so that a page of a huge workspace stays cheap.
pub const COUNT_MAX: i64 = 10_000;

/// Categories and owners offered as filters, those with the most keys.
const CHOICES_MAX: u16 = 50;

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
    #[diesel(sql_type = BigInt)]
    pub over_wide: i64,
    /// What the filter finds.
    #[diesel(sql_type = BigInt)]
    pub matching: i64,
}

/// What the keys of a workspace can be told apart by: their scopes, categories and owners.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyChoices {
    /// Slug (a preset's, `custom` or `inherit`) and label, whether it is still offered or not.
    pub scopes: Vec<(String, String)>,
    pub categories: Vec<String>,
    /// With their names.
    pub owners: Vec<(UserId, String)>,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    #[diesel(embed)]
    counts: KeyCounts,
    #[diesel(sql_type = Array<Text>)]
    scopes: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    scope_labels: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    categories: Vec<String>,
    #[diesel(sql_type = Array<SqlUuid>)]
    owners: Vec<UserId>,
    #[diesel(sql_type = Array<Text>)]
    owner_names: Vec<String>,
}

/// Every view's count, the filter's, and what the workspace's keys can be filtered by, in one query
/// and one pass over them.
pub fn survey(
    conn: &mut PgConnection,
    place: (AccountId, WorkspaceId),
    filter: &KeyFilter,
    now: DateTime<Utc>,
) -> Result<(KeyCounts, KeyChoices), DbError> {
    let row: Row = filter
        .bound(sql(filter), place, now)
        .bind::<BigInt, _>(COUNT_MAX + 1)
        .bind::<BigInt, _>(i64::from(CHOICES_MAX))
        .get_result(conn)?;
    let choices = KeyChoices {
        scopes: row.scopes.into_iter().zip(row.scope_labels).collect(),
        categories: row.categories,
        owners: row.owners.into_iter().zip(row.owner_names).collect(),
    };
    Ok((row.counts, choices))
}

/// As `survey`, for who offers no filters.
pub fn count(
    conn: &mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
    filter: &KeyFilter,
    now: DateTime<Utc>,
) -> Result<KeyCounts, DbError> {
    survey(conn, (account, workspace), filter, now).map(|(counts, _)| counts)
}

/// Binds: those of `KeyFilter::bound`, `$10` the most keys to count, `$11` the most choices.
///
/// Rows are read once and only sorted into kinds, which are few; what counts is worked out per kind.
fn sql(filter: &KeyFilter) -> String {
    let counted = [
        ("current", KeyView::Current.sql()),
        ("attention", KeyView::Attention.sql()),
        ("disabled", KeyView::Disabled.sql()),
        ("ended", KeyView::Ended.sql()),
        ("\"all\"", KeyView::All.sql()),
        ("expiring", LifeFilter::WithinSevenDays.sql()),
        ("never_expires", LifeFilter::Never.sql()),
        ("never_used", IdleFilter::NeverUsed.sql()),
        ("idle", IdleFilter::NinetyDays.sql()),
        ("over_wide", ReachFilter::OverWide.sql()),
    ];
    let sums = counted.map(|(name, condition)| {
        format!("coalesce(sum(k.keys) filter (where {condition}), 0)::bigint as {name}")
    });
    format!(
        "with kinds as materialized (
            select {TIMES} as times, owner_id, preset, preset_version, category, count(*) as keys
            from (select * from api_keys where account_id = $1 and workspace_id = $2 limit $10) k
            group by 1, 2, 3, 4, 5),
        scopes as (
            select p.slug, max(p.label) as label
            from (select distinct preset, preset_version from kinds) k
            join presets p on p.slug = k.preset and p.version = k.preset_version
            group by p.slug),
        categories as (
            select category from kinds where category <> ''
            group by category order by sum(keys) desc, category limit $11),
        owners as (
            select u.id, u.name
            from (select owner_id from kinds where owner_id is not null
                  group by owner_id order by sum(keys) desc, owner_id limit $11) k
            join users u on u.id = k.owner_id)
        select sums.*, {matching} as matching,
            (select coalesce(array_agg(slug order by label, slug), '{{}}') from scopes) as scopes,
            (select coalesce(array_agg(label order by label, slug), '{{}}') from scopes)
                as scope_labels,
            (select coalesce(array_agg(category order by category), '{{}}') from categories)
                as categories,
            (select coalesce(array_agg(id order by name, id), '{{}}') from owners) as owners,
            (select coalesce(array_agg(name order by name, id), '{{}}') from owners)
                as owner_names
        from (select {sums} from (select keys, preset, preset_version, {STAND_INS} from kinds) k) sums",
        sums = sums.join(", "),
        matching = matching(filter),
    )
}

/// All that the conditions ask of a row's times and reach, as one number. The sub-selects are worked
/// out once, where a sum of time and interval would be for each row.
const TIMES: &str = "
    (revoked_at is not null)::int + (disabled_at is not null)::int * 2
    + case when expires_at is null then 4 when expires_at <= $3 then 8
        when expires_at <= (select $3 + interval '7 days') then 16 else 0 end
    + case when last_used_at is null then 32
        when last_used_at <= (select $3 - interval '90 days') then 64 else 0 end
    + case when cardinality(few_permissions) > 0 then 128 else 0 end";

/// Values that stand for all of which the number is the same.
const STAND_INS: &str = "
    case when times & 1 > 0 then $3 end as revoked_at,
    case when times & 2 > 0 then $3 end as disabled_at,
    case when times & 4 > 0 then null when times & 8 > 0 then $3
        when times & 16 > 0 then $3 + interval '7 days'
        else $3 + interval '8 days' end as expires_at,
    case when times & 32 > 0 then null when times & 64 > 0 then $3 - interval '90 days'
        else $3 end as last_used_at,
    case when times & 128 > 0 then '{any}'::text[] else '{}' end as few_permissions";

fn matching(filter: &KeyFilter) -> String {
    if filter.is_narrow() {
        return format!(
            "(select count(*) from (select from api_keys k where k.account_id = $1
                and k.workspace_id = $2 and {} limit $10) found)",
            filter.sql()
        );
    }
    let view = match filter.view {
        KeyView::Current => "current",
        KeyView::Attention => "attention",
        KeyView::Disabled => "disabled",
        KeyView::Ended => "ended",
        KeyView::All => "\"all\"",
    };
    format!("sums.{view}")
}
