use chrono::DateTime;
use chrono::Utc;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::BoxedSqlQuery;
use diesel::query_builder::SqlQuery;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Bool;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;

use crate::db::DbError;
use crate::db::corrupt;
use crate::db::pattern::containing;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::person::UserId;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;
use crate::domain::text;

/// So many workspaces of a person are named in a list; the others are counted.
pub const WORKSPACES_NAMED: i64 = 3;

/// Which people are meant.
#[derive(Debug, Clone)]
pub struct MemberFilter {
    pub account: AccountId,
    /// Those who may open this workspace; `None` is everybody of the account.
    pub workspace: Option<WorkspaceId>,
    /// Part of a name or an address; empty is all.
    pub search: String,
    /// Whether addresses are searched too: not for those who may not see them.
    pub by_address: bool,
}

/// Where a page begins: after this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPlace {
    /// As the list sorts it.
    pub name: String,
    pub id: UserId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedMember {
    pub id: UserId,
    pub name: String,
    /// The name as the list sorts it.
    pub sort: String,
    pub email: String,
    pub role: AccountRole,
    /// In the workspace that was asked for, whatever their role in the account brings.
    pub workspace_role: Option<WorkspaceRole>,
    /// The first of the workspaces that were opened to them, by name, and their roles there.
    pub workspaces: Vec<(String, WorkspaceRole)>,
    /// How many were opened to them.
    pub workspace_count: i64,
    /// Those of theirs: in the workspace that was asked for, or in the account.
    pub keys: i64,
    pub last_active_at: Option<DateTime<Utc>>,
}

/// People by name, at most `limit`, in one query.
pub fn list(
    conn: &mut PgConnection,
    filter: &MemberFilter,
    after: Option<&MemberPlace>,
    limit: i64,
) -> Result<Vec<ListedMember>, DbError> {
    let sql = format!(
        "with page as (
             select u.id, u.name, lower(u.name) as sort, u.email, m.role, wm.role as workspace_role,
                 m.last_active_at
             from {PEOPLE}
               and ($6::uuid is null or (lower(u.name), u.id) > ($5, $6))
             order by lower(u.name), u.id
             limit $7)
         select page.*, opened.names, opened.roles, coalesce(opened.workspace_count, 0) as workspace_count,
             (select count(*) from api_keys k
              where k.account_id = $1 and k.owner_id = page.id
                and ($2::int is null or k.workspace_id = $2)) as keys
         from page
         left join lateral (
             select array_agg(ws.name order by ws.name, ws.id) filter (where ws.place <= $8) as names,
                 array_agg(ws.role order by ws.name, ws.id) filter (where ws.place <= $8) as roles,
                 count(*) as workspace_count
             from (select w.name, w.id, o.role, row_number() over (order by w.name, w.id) as place
                   from workspace_memberships o
                   join workspaces w on w.account_id = o.account_id and w.id = o.workspace_id
                   where o.account_id = $1 and o.user_id = page.id and w.archived_at is null) ws
             ) opened on $2::int is null
         order by page.sort, page.id"
    );
    let rows: Vec<Row> = filter
        .bound(sql)
        .bind::<Nullable<Text>, _>(after.map(|place| &place.name))
        .bind::<Nullable<SqlUuid>, _>(after.map(|place| place.id))
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(WORKSPACES_NAMED)
        .load(conn)?;
    rows.into_iter().map(listed).collect()
}

/// How many there are.
pub fn count(conn: &mut PgConnection, filter: &MemberFilter) -> Result<i64, DbError> {
    let sql = format!("select count(*) as people from {PEOPLE}");
    let row: Count = filter.bound(sql).get_result(conn)?;
    Ok(row.people)
}

/// `$1` account, `$2` workspace, `$3` what is searched, `$4` whether addresses are too.
const PEOPLE: &str = "memberships m
             join users u on u.id = m.user_id
             left join workspace_memberships wm on wm.account_id = m.account_id
                 and wm.workspace_id = $2 and wm.user_id = m.user_id
             where m.account_id = $1
               and ($2::int is null or wm.role is not null or m.role in ('owner', 'admin'))
               and ($3 = '%%' or lower(u.name) like $3 or ($4 and u.email_folded like $3))";

impl MemberFilter {
    fn bound(&self, sql: String) -> BoxedSqlQuery<'_, Pg, SqlQuery> {
        diesel::sql_query(sql)
            .into_boxed::<Pg>()
            .bind::<Integer, _>(self.account.0)
            .bind::<Nullable<Integer>, _>(self.workspace.map(|workspace| workspace.0))
            .bind::<Text, _>(containing(&text::folded(&self.search)))
            .bind::<Bool, _>(self.by_address)
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    people: i64,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(Pg))]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sort: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Nullable<Text>)]
    workspace_role: Option<String>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    names: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    roles: Option<Vec<String>>,
    #[diesel(sql_type = BigInt)]
    workspace_count: i64,
    #[diesel(sql_type = BigInt)]
    keys: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_active_at: Option<DateTime<Utc>>,
}

fn listed(row: Row) -> Result<ListedMember, DbError> {
    let names = row.names.unwrap_or_default().into_iter();
    let roles = row.roles.unwrap_or_default();
    let workspaces = names
        .zip(&roles)
        .map(|(name, role)| Ok((name, in_workspace(role)?)));
    Ok(ListedMember {
        id: row.id,
        name: row.name,
        sort: row.sort,
        email: row.email,
        role: in_account(&row.role)?,
        workspace_role: row
            .workspace_role
            .as_deref()
            .map(in_workspace)
            .transpose()?,
        workspaces: workspaces.collect::<Result<_, DbError>>()?,
        workspace_count: row.workspace_count,
        keys: row.keys,
        last_active_at: row.last_active_at,
    })
}

pub fn in_account(role: &str) -> Result<AccountRole, DbError> {
    role.parse()
        .map_err(|_| corrupt("memberships", "role", role))
}

pub fn in_workspace(role: &str) -> Result<WorkspaceRole, DbError> {
    role.parse()
        .map_err(|_| corrupt("workspace_memberships", "role", role))
}
