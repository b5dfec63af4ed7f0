//! Workspaces made, renamed, and their Developers pages switched.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::schema::accounts;
use crate::db::schema::workspaces;
use crate::db::workspaces::NewWorkspace;
use crate::db::workspaces::WORKSPACES_MAX;
use crate::db::workspaces::create;
use crate::domain::account;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::random::Random;
use crate::domain::text;

/// `DbError::Conflict` with this: another workspace of the account is called so, in any case.
pub const NAME_TAKEN: &str = "workspaces_name_taken";
/// `DbError::Conflict` with this: the account has `WORKSPACES_MAX` of them.
pub const TOO_MANY: &str = "workspaces_too_many";

/// A workspace, locked for a change.
pub(super) struct Locked {
    pub id: i32,
    pub public_id: String,
    pub name: String,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Locked {
    pub(super) fn target(&self) -> Target<'_> {
        Target {
            kind: "workspace",
            id: &self.public_id,
            label: &self.name,
        }
    }
}

/// Makes a workspace called `name`; its slug is made of the name and tells of no other. Returns
/// the slug.
pub fn create_named(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    (account, name): (AccountId, &str),
) -> Result<String, DbError> {
    conn.transaction(|conn| {
        let taken = lock_all(conn, account)?;
        if i64::try_from(taken.len()).unwrap_or(i64::MAX) >= WORKSPACES_MAX {
            return Err(DbError::Conflict(TOO_MANY.to_owned()));
        }
        require_free(&taken, name, None)?;
        let base = account::slug_for(name);
        let numbered = (2..).map(|number| account::numbered_slug(&base, number));
        let slug = std::iter::once(base.clone())
            .chain(numbered)
            .find(|slug| taken.iter().all(|(_, other, ..)| other != slug))
            .unwrap_or(base);
        let new = NewWorkspace {
            account,
            slug: slug.clone(),
            name: name.to_owned(),
        };
        create(conn, actor, now, random, &new)?;
        Ok(slug)
    })
}

/// Gives the workspace another name; its slug, and with it every address, stays. `false` if it is
/// called so.
pub fn rename(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, workspace): (AccountId, WorkspaceId),
    name: &str,
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        let taken = lock_all(conn, account)?;
        let old = locked(conn, account, workspace)?;
        if old.name == name {
            return Ok(false);
        }
        require_free(&taken, name, Some(workspace))?;
        diesel::update(workspaces::table.find((account.0, workspace.0)))
            .set(workspaces::name.eq(name))
            .execute(conn)?;
        let mut entry = AuditEntry::new(Action::WorkspaceUpdated, old.target())
            .in_workspace(account, workspace)
            .after(json!({ "name": name }));
        entry.before = Some(json!({ "name": old.name }));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(true)
    })
}

/// Shows or hides the Developers pages; keys work all the same. `false` if it is so already.
pub fn switch_developers(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, workspace): (AccountId, WorkspaceId),
    on: bool,
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        let changed = diesel::update(workspaces::table.find((account.0, workspace.0)))
            .filter(workspaces::developers.ne(on))
            .set(workspaces::developers.eq(on))
            .execute(conn)?;
        if changed == 0 {
            return Ok(false);
        }
        let action = if on {
            Action::DevelopersSwitchedOn
        } else {
            Action::DevelopersSwitchedOff
        };
        let switched = locked(conn, account, workspace)?;
        let entry = AuditEntry::new(action, switched.target()).in_workspace(account, workspace);
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(true)
    })
}

type Taken = (i32, String, String, Option<DateTime<Utc>>);

/// Id, slug, name and end of each workspace; nobody else adds or renames one meanwhile.
pub(super) fn lock_all(conn: &mut PgConnection, account: AccountId) -> Result<Vec<Taken>, DbError> {
    let _: i32 = accounts::table
        .find(account.0)
        .select(accounts::id)
        .for_no_key_update()
        .first(conn)?;
    Ok(workspaces::table
        .filter(workspaces::account_id.eq(account.0))
        .order(workspaces::id)
        .limit(WORKSPACES_MAX)
        .select((
            workspaces::id,
            workspaces::slug,
            workspaces::name,
            workspaces::archived_at,
        ))
        .load(conn)?)
}

pub(super) fn require_free(
    taken: &[Taken],
    name: &str,
    own: Option<WorkspaceId>,
) -> Result<(), DbError> {
    let folded = text::folded(name);
    let clash = taken.iter().any(|(id, _, other, archived_at)| {
        archived_at.is_none() && own != Some(WorkspaceId(*id)) && text::folded(other) == folded
    });
    if clash {
        return Err(DbError::Conflict(NAME_TAKEN.to_owned()));
    }
    Ok(())
}

pub(super) fn locked(
    conn: &mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
) -> Result<Locked, DbError> {
    let (id, public_id, name, archived_at) = workspaces::table
        .find((account.0, workspace.0))
        .for_no_key_update()
        .select((
            workspaces::id,
            workspaces::public_id,
            workspaces::name,
            workspaces::archived_at,
        ))
        .first(conn)?;
    Ok(Locked {
        id,
        public_id,
        name,
        archived_at,
    })
}
