use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;

use crate::db::DbError;
use crate::db::members::list::in_account;
use crate::db::members::list::in_workspace;
use crate::db::schema::memberships;
use crate::db::schema::users;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::person::Email;
use crate::domain::person::UserId;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;

/// One person of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub role: AccountRole,
    /// In the workspace that was asked for, whatever the role in the account brings.
    pub workspace_role: Option<WorkspaceRole>,
    pub joined_at: DateTime<Utc>,
    pub last_active_at: Option<DateTime<Utc>>,
    /// Those of theirs: in the workspace that was asked for, or in the account.
    pub keys: i64,
    /// How many of them have not ended and may do what this person may.
    pub inheriting: i64,
}

impl Member {
    /// What the person is in the workspace that was asked for.
    pub fn role_here(&self) -> Option<WorkspaceRole> {
        self.role.everywhere().or(self.workspace_role)
    }
}

/// The person, if they belong to the account.
pub fn find(
    conn: &mut PgConnection,
    (account, workspace): (AccountId, Option<WorkspaceId>),
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Member, DbError> {
    let row: Row = diesel::sql_query(
        "select u.id, u.name, u.email, m.role, wm.role as workspace_role, m.created_at,
             m.last_active_at, k.keys, k.inheriting
         from memberships m
         join users u on u.id = m.user_id
         left join workspace_memberships wm on wm.account_id = m.account_id
             and wm.workspace_id = $2 and wm.user_id = m.user_id
         cross join lateral (
             select count(*) as keys,
                 count(*) filter (where preset = 'inherit' and revoked_at is null
                     and (expires_at is null or expires_at > $4)) as inheriting
             from api_keys
             where account_id = $1 and owner_id = $3
               and ($2::int is null or workspace_id = $2)) k
         where m.account_id = $1 and m.user_id = $3",
    )
    .bind::<Integer, _>(account.0)
    .bind::<Nullable<Integer>, _>(workspace.map(|workspace| workspace.0))
    .bind::<SqlUuid, _>(user)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)?;
    let workspace_role = row.workspace_role.as_deref().map(in_workspace);
    Ok(Member {
        id: row.id,
        name: row.name,
        email: row.email,
        role: in_account(&row.role)?,
        workspace_role: workspace_role.transpose()?,
        joined_at: row.created_at,
        last_active_at: row.last_active_at,
        keys: row.keys,
        inheriting: row.inheriting,
    })
}

/// Who of the account has this address.
pub fn find_by_email(
    conn: &mut PgConnection,
    account: AccountId,
    email: &Email,
) -> Result<Option<UserId>, DbError> {
    Ok(memberships::table
        .inner_join(users::table)
        .filter(memberships::account_id.eq(account.0))
        .filter(users::email_folded.eq(email.folded()))
        .select(users::id)
        .first(conn)
        .optional()?)
}

/// A workspace as the page of a person lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberWorkspace {
    pub slug: String,
    pub name: String,
    pub role: Option<WorkspaceRole>,
    /// Those of theirs there.
    pub keys: i64,
}

/// The workspaces of the account by name, at most `limit`, with what the person is in each.
pub fn workspaces_of(
    conn: &mut PgConnection,
    account: AccountId,
    user: UserId,
    limit: i64,
) -> Result<Vec<MemberWorkspace>, DbError> {
    let rows: Vec<WorkspaceRow> = diesel::sql_query(
        "select w.slug, w.name, wm.role,
             (select count(*) from api_keys k where k.account_id = w.account_id
                 and k.workspace_id = w.id and k.owner_id = $2) as keys
         from workspaces w
         left join workspace_memberships wm on wm.account_id = w.account_id
             and wm.workspace_id = w.id and wm.user_id = $2
         where w.account_id = $1 and w.archived_at is null
         order by w.name, w.id
         limit $3",
    )
    .bind::<Integer, _>(account.0)
    .bind::<SqlUuid, _>(user)
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(MemberWorkspace {
                role: row.role.as_deref().map(in_workspace).transpose()?,
                slug: row.slug,
                name: row.name,
                keys: row.keys,
            })
        })
        .collect()
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Nullable<Text>)]
    workspace_role: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_active_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    keys: i64,
    #[diesel(sql_type = BigInt)]
    inheriting: i64,
}

#[derive(QueryableByName)]
struct WorkspaceRow {
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<String>,
    #[diesel(sql_type = BigInt)]
    keys: i64,
}
