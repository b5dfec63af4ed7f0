use diesel::prelude::*;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::schema::memberships;
use crate::db::schema::workspace_memberships;

/// Somebody's role, by the row of the account or workspace.
pub struct RoleRow {
    pub person: Uuid,
    pub of: i32,
    pub role: String,
}

/// Roles in accounts and in workspaces, each person's together.
pub struct MemberRows {
    pub accounts: Vec<RoleRow>,
    pub workspaces: Vec<RoleRow>,
}

/// Of everybody, or of some people.
pub fn members(conn: &mut PgConnection, only: Option<&[Uuid]>) -> Result<MemberRows, DbError> {
    let mut accounts = memberships::table
        .order(memberships::user_id)
        .select((
            memberships::user_id,
            memberships::account_id,
            memberships::role,
        ))
        .into_boxed();
    let mut workspaces = workspace_memberships::table
        .order(workspace_memberships::user_id)
        .select((
            workspace_memberships::user_id,
            workspace_memberships::workspace_id,
            workspace_memberships::role,
        ))
        .into_boxed();
    if let Some(people) = only {
        accounts = accounts.filter(memberships::user_id.eq_any(people));
        workspaces = workspaces.filter(workspace_memberships::user_id.eq_any(people));
    }
    Ok(MemberRows {
        accounts: accounts.load(conn)?.into_iter().map(row).collect(),
        workspaces: workspaces.load(conn)?.into_iter().map(row).collect(),
    })
}

fn row((person, of, role): (Uuid, i32, String)) -> RoleRow {
    RoleRow { person, of, role }
}
