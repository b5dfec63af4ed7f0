use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Date;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;
use crate::db::api_keys::filter::KeyFilter;
use crate::db::api_keys::list_row;
use crate::db::api_keys::owner_row::ListedOwner;
use crate::db::usage;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::key_state::KeyTimes;

/// What a list can be sorted by; each has an index, in this direction and the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeySort {
    /// Never used counts as longest ago.
    #[default]
    LastUsed,
    Name,
    /// Of the last 30 days.
    Requests,
    Created,
    /// Never ends counts as last.
    Expires,
}

impl KeySort {
    pub const ALL: [Self; 5] = [
        Self::LastUsed,
        Self::Name,
        Self::Requests,
        Self::Created,
        Self::Expires,
    ];

    /// Whether the first page shows the greatest values: the last used, the busiest, the newest.
    pub fn is_descending_at_first(self) -> bool {
        matches!(self, Self::LastUsed | Self::Requests | Self::Created)
    }

    /// As in the index, letter by letter.
    fn column(self) -> &'static str {
        match self {
            Self::LastUsed => "coalesce(k.last_used_at, '-infinity'::timestamptz)",
            Self::Name => "k.name_folded",
            Self::Requests => "k.requests_30d",
            Self::Created => "k.created_at",
            Self::Expires => "coalesce(k.expires_at, 'infinity'::timestamptz)",
        }
    }

    /// The same of a cursor's value: `$10` a time, `$11` a name, `$12` a number.
    fn cursor_value(self) -> &'static str {
        match self {
            Self::LastUsed => "coalesce($10, '-infinity'::timestamptz)",
            Self::Name => "$11",
            Self::Requests => "$12",
            Self::Created => "$10",
            Self::Expires => "coalesce($10, 'infinity'::timestamptz)",
        }
    }
}

/// A place in a sorted list: the sort value of a row, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCursor {
    pub value: SortValue,
    pub id: ApiKeyId,
}

/// What a row is sorted by, of the kind that the sort wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortValue {
    Time(Option<DateTime<Utc>>),
    /// Folded.
    Name(String),
    Number(i64),
}

impl SortValue {
    fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Time(time) => *time,
            Self::Name(_) | Self::Number(_) => None,
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Time(_) | Self::Number(_) => None,
        }
    }

    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Time(_) | Self::Name(_) => None,
        }
    }
}

/// Where a page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Place {
    #[default]
    Start,
    After(KeyCursor),
    Before(KeyCursor),
}

/// Which page of which list.
#[derive(Debug, Clone)]
pub struct KeyList {
    pub account_id: AccountId,
    pub workspace_id: WorkspaceId,
    pub filter: KeyFilter,
    pub sort: KeySort,
    pub descending: bool,
    pub place: Place,
    pub limit: u16,
}

/// One row of the list, with all that its page shows.
#[derive(Debug, Clone)]
pub struct ListedKey {
    pub id: ApiKeyId,
    pub name: String,
    pub name_folded: String,
    pub category: String,
    pub scope: String,
    /// How many permissions it names itself; 0 unless it is custom.
    pub permissions: i32,
    /// How many resources it is held to; 0 for all.
    pub resources: i32,
    pub last_four: String,
    pub owner: ListedOwner,
    pub creator_name: String,
    pub creator_email: String,
    pub created_at: DateTime<Utc>,
    pub times: KeyTimes,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_used_ip: Option<std::net::IpAddr>,
    /// Requests of the last 30 days as the list is sorted by them: seldom, and at midnight, not
    /// the sum of `daily`.
    pub requests_30d: i64,
    /// Requests of the last 30 days, and of each day that had any.
    pub requests: i64,
    pub daily: Vec<(NaiveDate, i64)>,
}

impl ListedKey {
    /// This row's place under `sort`.
    pub fn cursor(&self, sort: KeySort) -> KeyCursor {
        let value = match sort {
            KeySort::LastUsed => SortValue::Time(self.last_used_at),
            KeySort::Name => SortValue::Name(self.name_folded.clone()),
            KeySort::Requests => SortValue::Number(self.requests_30d),
            KeySort::Created => SortValue::Time(Some(self.created_at)),
            KeySort::Expires => SortValue::Time(self.times.expires_at),
        };
        KeyCursor { value, id: self.id }
    }
}

#[derive(Debug, Clone)]
pub struct KeyPage {
    pub keys: Vec<ListedKey>,
    pub has_previous: bool,
    pub has_next: bool,
}

/// One page in one query, whatever its length.
pub fn list_for(
    conn: &mut PgConnection,
    list: &KeyList,
    now: DateTime<Utc>,
) -> Result<KeyPage, DbError> {
    let cursor = match &list.place {
        Place::Start => None,
        Place::After(cursor) | Place::Before(cursor) => Some(cursor),
    };
    let value = cursor.map(|cursor| &cursor.value);
    let place = (list.account_id, list.workspace_id);
    let rows: Vec<list_row::Row> = list
        .filter
        .bound(sql(list), place, now)
        .bind::<Nullable<Timestamptz>, _>(value.and_then(SortValue::time))
        .bind::<Nullable<Text>, _>(value.and_then(SortValue::name))
        .bind::<Nullable<BigInt>, _>(value.and_then(SortValue::number))
        .bind::<Nullable<Text>, _>(cursor.map(|cursor| cursor.id.as_str()))
        .bind::<BigInt, _>(i64::from(list.limit) + 1)
        .bind::<Date, _>(usage::first_day(now))
        .load(conn)?;
    page_of(list, rows)
}

/// Binds: those of `KeyFilter::bound`, then those of `list_for` in order.
fn sql(list: &KeyList) -> String {
    let value = list.sort.column();
    let cursor = list.sort.cursor_value();
    // Pages before a place are read backwards from it.
    let backwards = matches!(list.place, Place::Before(_));
    let (order, beyond) = if list.descending == backwards {
        ("asc", ">")
    } else {
        ("desc", "<")
    };
    let keyset = match list.place {
        Place::Start => "true".to_owned(),
        Place::After(_) | Place::Before(_) => format!("({value}, k.id) {beyond} ({cursor}, $13)"),
    };
    let filter = list.filter.sql();
    format!(
        "with page as (
            select k.account_id, k.id, k.name, k.name_folded, k.category, k.preset,
                k.preset_version, k.created_by, k.owner_id, k.created_at, k.expires_at, k.disabled_at,
                k.revoked_at, k.last_used_at, k.last_used_ip, k.requests_30d,
                cardinality(k.permissions) as permissions,
                case when '*' = any(k.resources) then 0 else cardinality(k.resources) end as resources,
                {value} as sort_value
            from api_keys k
            where k.account_id = $1 and k.workspace_id = $2 and {filter} and {keyset}
            order by {value} {order}, k.id {order}
            limit $14)
        select page.id, page.name, page.name_folded, page.category, p.label as scope,
            page.permissions, page.resources,
            page.created_by, u.name as creator_name, u.email as creator_email, page.owner_id,
            o.name as owner_name, o.email as owner_email, page.created_at,
            page.expires_at, page.disabled_at, page.revoked_at, page.last_used_at,
            page.last_used_ip, page.requests_30d, s.last_four, s.retires_at, d.days, d.requests
        from page
        join users u on u.id = page.created_by
        left join users o on o.id = page.owner_id
        join presets p on p.slug = page.preset and p.version = page.preset_version
        join lateral (
            select (array_agg(last_four order by generation desc))[1] as last_four,
                max(retires_at) as retires_at
            from key_secrets where account_id = page.account_id and key_id = page.id) s on true
        join lateral (
            select coalesce(array_agg(day order by day), '{{}}') as days,
                coalesce(array_agg(requests order by day), '{{}}') as requests
            from usage_daily
            where account_id = page.account_id and key_id = page.id and day >= $15) d on true
        order by page.sort_value {order}, page.id {order}"
    )
}

fn page_of(list: &KeyList, mut rows: Vec<list_row::Row>) -> Result<KeyPage, DbError> {
    let more = rows.len() > usize::from(list.limit);
    rows.truncate(usize::from(list.limit));
    let backwards = matches!(list.place, Place::Before(_));
    if backwards {
        rows.reverse();
    }
    Ok(KeyPage {
        keys: rows
            .into_iter()
            .map(list_row::listed_key)
            .collect::<Result<_, _>>()?,
        has_previous: if backwards {
            more
        } else {
            list.place != Place::Start
        },
        has_next: backwards || more,
    })
}
