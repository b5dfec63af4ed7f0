//! Workspaces as those who look after the account see them.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Bool;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;

use crate::db::DbError;
use crate::db::schema::workspaces;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::key_policy::KeyCreators;
use crate::domain::role::WorkspaceRole;
use crate::domain::viewer::WorkspaceAccess;

/// The most that an account may have, archived ones too.
pub const WORKSPACES_MAX: i64 = 500;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedWorkspace {
    pub id: WorkspaceId,
    pub slug: String,
    pub name: String,
    pub developers: bool,
    pub created_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
    /// Keys that work, as far as they themselves go.
    pub keys: i64,
    /// People with a role in it, beside the owners and admins of the account.
    pub people: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    id: i32,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    developers: bool,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    archived_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    keys: i64,
    #[diesel(sql_type = BigInt)]
    people: i64,
}

const SQL: &str = "
    select w.id, w.slug, w.name, w.developers, w.created_at, w.archived_at,
        coalesce(k.keys, 0) as keys, coalesce(m.people, 0) as people
    from workspaces w
    left join (
        select workspace_id, count(*) as keys from api_keys
        where account_id = $1 and revoked_at is null and disabled_at is null
            and (expires_at is null or expires_at > $2)
        group by workspace_id
    ) k on k.workspace_id = w.id
    left join (
        select workspace_id, count(*) as people from workspace_memberships
        where account_id = $1 group by workspace_id
    ) m on m.workspace_id = w.id
    where w.account_id = $1
    order by w.archived_at is not null, lower(w.name), w.id
    limit $3";

/// All of the account, archived ones last.
pub fn list(
    conn: &mut PgConnection,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<ListedWorkspace>, DbError> {
    let rows: Vec<Row> = diesel::sql_query(SQL)
        .bind::<Integer, _>(account.0)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(WORKSPACES_MAX)
        .load(conn)?;
    Ok(rows.into_iter().map(ListedWorkspace::from).collect())
}

impl From<Row> for ListedWorkspace {
    fn from(row: Row) -> Self {
        Self {
            id: WorkspaceId(row.id),
            slug: row.slug,
            name: row.name,
            developers: row.developers,
            created_at: row.created_at,
            archived_at: row.archived_at,
            keys: row.keys,
            people: row.people,
        }
    }
}

/// The workspace, archived or not, as support staff see it: whoever looks may do nothing in it.
pub fn find_by_slug(
    conn: &mut PgConnection,
    account: AccountId,
    slug: &str,
) -> Result<WorkspaceAccess, DbError> {
    let (id, name): (i32, String) = workspaces::table
        .filter(workspaces::account_id.eq(account.0))
        .filter(workspaces::slug.eq(slug))
        .select((workspaces::id, workspaces::name))
        .first(conn)?;
    Ok(WorkspaceAccess {
        id: WorkspaceId(id),
        slug: slug.to_owned(),
        name,
        developers: true,
        role: WorkspaceRole::Viewer,
        key_creators: KeyCreators::default(),
    })
}
