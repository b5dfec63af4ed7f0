//! The workspaces of an account.

mod archive;
mod change;
mod listed;

use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::Insertable;
use diesel::PgConnection;
use diesel::RunQueryDsl;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::public_id;
use crate::db::schema::workspaces;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::random::Random;

pub use crate::db::workspaces::archive::Archived;
pub use crate::db::workspaces::archive::LAST_WORKSPACE;
pub use crate::db::workspaces::archive::archive;
pub use crate::db::workspaces::archive::restore;
pub use crate::db::workspaces::change::NAME_TAKEN;
pub use crate::db::workspaces::change::TOO_MANY;
pub use crate::db::workspaces::change::create_named;
pub use crate::db::workspaces::change::rename;
pub use crate::db::workspaces::change::switch_developers;
pub use crate::db::workspaces::listed::ListedWorkspace;
pub use crate::db::workspaces::listed::WORKSPACES_MAX;
pub use crate::db::workspaces::listed::find_by_slug;
pub use crate::db::workspaces::listed::list;

#[derive(Debug)]
pub struct NewWorkspace {
    pub account: AccountId,
    pub slug: String,
    pub name: String,
}

pub fn create(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    new: &NewWorkspace,
) -> Result<WorkspaceId, DbError> {
    conn.transaction(|conn| {
        let public_id = public_id("ws", random)?;
        let row = NewRow {
            account_id: new.account.0,
            public_id: &public_id,
            slug: &new.slug,
            name: &new.name,
            created_at: now,
        };
        let workspace = diesel::insert_into(workspaces::table)
            .values(row)
            .returning(workspaces::id)
            .get_result(conn)
            .map(WorkspaceId)?;
        let target = Target {
            kind: "workspace",
            id: &public_id,
            label: &new.name,
        };
        let entry = AuditEntry::new(Action::WorkspaceCreated, target)
            .in_workspace(new.account, workspace)
            .after(json!({ "slug": new.slug }));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(workspace)
    })
}

#[derive(Insertable)]
#[diesel(table_name = workspaces)]
struct NewRow<'a> {
    account_id: i32,
    public_id: &'a str,
    slug: &'a str,
    name: &'a str,
    created_at: DateTime<Utc>,
}
