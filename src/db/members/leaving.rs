//! What somebody who leaves has: keys, and people who could take them.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Bool;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;

use crate::db::DbError;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::key_state::KeyTimes;
use crate::domain::person::UserId;

/// So many keys are named; the others are counted.
pub const KEYS_NAMED: i64 = 20;
/// So many workspaces are named with the number of keys there.
pub const PLACES_NAMED: i64 = 10;

/// Who leaves what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaving {
    pub account: AccountId,
    /// Only this workspace; `None` is the whole account.
    pub workspace: Option<WorkspaceId>,
    pub user: UserId,
}

/// The keys of somebody who leaves, as far as they have not ended.
#[derive(Debug, Clone, Default)]
pub struct KeysLeft {
    pub keys: i64,
    /// Those that may do what this person may.
    pub inheriting: i64,
    /// By workspace and name, the first `KEYS_NAMED`.
    pub first: Vec<KeyLeft>,
    /// The first `PLACES_NAMED` workspaces, and how many there are in each.
    pub places: Vec<(String, i64)>,
}

#[derive(Debug, Clone)]
pub struct KeyLeft {
    pub id: String,
    pub name: String,
    pub workspace: String,
    /// Part of the key's address; `None` where the workspace is archived and has none.
    pub slug: Option<String>,
    pub inherits: bool,
    pub times: KeyTimes,
}

/// Somebody who could take the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heir {
    pub id: UserId,
    pub name: String,
    pub email: String,
}

/// `$1` account, `$2` workspace or null, `$3` now, `$4` who leaves.
pub(super) const THEIR_KEYS: &str = "k.account_id = $1 and k.owner_id = $4
    and ($2::int is null or k.workspace_id = $2)
    and k.revoked_at is null and (k.expires_at is null or k.expires_at > $3)";

pub fn keys_left(
    conn: &mut PgConnection,
    leaving: Leaving,
    now: DateTime<Utc>,
) -> Result<KeysLeft, DbError> {
    let rows: Vec<KeyRow> = diesel::sql_query(format!(
        "select k.id, k.name, w.name as workspace, w.archived_at is not null as archived, w.slug,
             k.preset = 'inherit' as inherits, k.expires_at, k.disabled_at,
             count(*) over () as keys,
             count(*) filter (where k.preset = 'inherit') over () as inheriting
         from api_keys k
         join workspaces w on w.account_id = k.account_id and w.id = k.workspace_id
         where {THEIR_KEYS}
         order by w.name, w.id, k.name_folded, k.id
         limit $5"
    ))
    .bind::<Integer, _>(leaving.account.0)
    .bind::<Nullable<Integer>, _>(leaving.workspace.map(|workspace| workspace.0))
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(leaving.user)
    .bind::<BigInt, _>(KEYS_NAMED)
    .load(conn)?;
    let Some(first) = rows.first() else {
        return Ok(KeysLeft::default());
    };
    Ok(KeysLeft {
        keys: first.keys,
        inheriting: first.inheriting,
        places: places(conn, leaving, now)?,
        first: rows.into_iter().map(key_left).collect(),
    })
}

fn places(
    conn: &mut PgConnection,
    leaving: Leaving,
    now: DateTime<Utc>,
) -> Result<Vec<(String, i64)>, DbError> {
    let rows: Vec<PlaceRow> = diesel::sql_query(format!(
        "select w.name, count(*) as keys
         from api_keys k
         join workspaces w on w.account_id = k.account_id and w.id = k.workspace_id
         where {THEIR_KEYS}
         group by w.id, w.name
         order by w.name, w.id
         limit $5"
    ))
    .bind::<Integer, _>(leaving.account.0)
    .bind::<Nullable<Integer>, _>(leaving.workspace.map(|workspace| workspace.0))
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(leaving.user)
    .bind::<BigInt, _>(PLACES_NAMED)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.name, row.keys)).collect())
}

/// Who may create keys in each workspace, not archived, where who leaves has some: by name, at most
/// `limit`; with `only`, that person, if they may.
pub fn heirs(
    conn: &mut PgConnection,
    leaving: Leaving,
    now: DateTime<Utc>,
    (only, limit): (Option<UserId>, i64),
) -> Result<Vec<Heir>, DbError> {
    let rows: Vec<HeirRow> = diesel::sql_query(format!(
        "with places as (
             select distinct k.workspace_id
             from api_keys k
             join workspaces w on w.account_id = k.account_id and w.id = k.workspace_id
             where {THEIR_KEYS} and w.archived_at is null)
         select u.id, u.name, u.email
         from memberships m
         join users u on u.id = m.user_id
         where m.account_id = $1 and m.user_id <> $4 and u.disabled_at is null
           and ($5::uuid is null or m.user_id = $5)
           and (m.role in ('owner', 'admin') or not exists (
             select from places p
             left join workspace_memberships wm on wm.account_id = $1
                 and wm.workspace_id = p.workspace_id and wm.user_id = m.user_id
             left join key_policies kp on kp.account_id = $1 and kp.workspace_id = p.workspace_id
             where wm.role is null or wm.role = 'viewer'
                or (wm.role <> 'admin' and kp.creators = 'admins')))
         order by lower(u.name), u.id
         limit $6"
    ))
    .bind::<Integer, _>(leaving.account.0)
    .bind::<Nullable<Integer>, _>(leaving.workspace.map(|workspace| workspace.0))
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(leaving.user)
    .bind::<Nullable<SqlUuid>, _>(only)
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    let heir = |row: HeirRow| Heir {
        id: row.id,
        name: row.name,
        email: row.email,
    };
    Ok(rows.into_iter().map(heir).collect())
}

fn key_left(row: KeyRow) -> KeyLeft {
    KeyLeft {
        id: row.id,
        name: row.name,
        workspace: row.workspace,
        slug: Some(row.slug).filter(|_| !row.archived),
        inherits: row.inherits,
        times: KeyTimes {
            disabled_at: row.disabled_at,
            expires_at: row.expires_at,
            ..KeyTimes::default()
        },
    }
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct KeyRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    workspace: String,
    #[diesel(sql_type = Bool)]
    archived: bool,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Bool)]
    inherits: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    disabled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    keys: i64,
    #[diesel(sql_type = BigInt)]
    inheriting: i64,
}

#[derive(QueryableByName)]
struct PlaceRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    keys: i64,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct HeirRow {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
}
