use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::corrupt;
use crate::db::members;
use crate::db::memberships;
use crate::db::schema::accounts;
use crate::db::schema::invitation_workspaces;
use crate::db::schema::invitations;
use crate::db::schema::workspace_memberships;
use crate::db::schema::workspaces;
use crate::db::users;
use crate::db::users::NewPerson;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::audit::Action;
use crate::domain::person::Email;
use crate::domain::person::UserId;
use crate::domain::random::Random;
use crate::domain::role::AccountRole;

/// SHA-256 of a link's token, which names the invitation and opens nothing.
pub type TokenDigest = [u8; 32];

/// What somebody is asked who holds a link.
#[derive(Debug, Clone)]
pub struct Asked {
    pub account: AccountId,
    pub account_name: String,
    pub account_domain: String,
    pub email: Email,
    pub role: AccountRole,
    id: Uuid,
    account_public_id: String,
}

/// Who accepts.
#[derive(Debug)]
pub enum Joining {
    /// Whose address it is was proven: a password or a session of theirs.
    Known(UserId),
    /// Nobody has the address yet.
    New(NewPerson),
}

/// What the token opens, if it still opens anything: not once its inviter may no longer give the
/// role.
pub fn find(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    token: &TokenDigest,
) -> Result<Option<Asked>, DbError> {
    type Row = (i32, Uuid, String, String, Uuid, (String, String, String));
    let row: Option<Row> = invitations::table
        .inner_join(accounts::table)
        .filter(invitations::token_digest.eq(token.as_slice()))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::withdrawn_at.is_null())
        .filter(invitations::expires_at.gt(now))
        .select((
            invitations::account_id,
            invitations::id,
            invitations::email,
            invitations::role,
            invitations::invited_by,
            (accounts::public_id, accounts::name, accounts::domain),
        ))
        .first(conn)
        .optional()?;
    let Some((account, id, email, role, invited_by, (public_id, name, domain))) = row else {
        return Ok(None);
    };
    let (account, role) = (AccountId(account), members::in_account(&role)?);
    let inviter = members::role_in(conn, account, invited_by)?;
    if !inviter.is_some_and(|inviter| inviter.may_give(role)) {
        return Ok(None);
    }
    Ok(Some(Asked {
        account,
        account_name: name,
        account_domain: domain,
        email: email
            .parse()
            .map_err(|_| corrupt("invitations", "email", &email))?,
        role,
        id,
        account_public_id: public_id,
    }))
}

/// Makes a member of who accepts, for the last time that the token works: of two that come at once
/// only one gets in. Tells who it is; `None` if it opens nothing, or not for them.
pub fn accept(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (random, token): (&dyn Random, &TokenDigest),
    joining: &Joining,
) -> Result<Option<(Asked, UserId)>, DbError> {
    conn.transaction(|conn| {
        let Some(asked) = find(conn, now, token)? else {
            return Ok(None);
        };
        members::lock(conn, asked.account)?;
        let rows = diesel::update(invitations::table.find((asked.account.0, asked.id)))
            .filter(invitations::token_digest.eq(token.as_slice()))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::withdrawn_at.is_null())
            .set(invitations::accepted_at.eq(now))
            .execute(conn)?;
        if rows == 0 {
            return Ok(None);
        }
        let user = match joining {
            Joining::Known(user) => *user,
            Joining::New(new) => users::create(conn, actor, now, random, new)?,
        };
        let actor = Actor {
            kind: ActorKind::Person(user),
            label: asked.email.as_str().to_owned(),
            ..actor.clone()
        };
        let mut opened = 0;
        if members::role_in(conn, asked.account, user)?.is_none() {
            memberships::add(conn, &actor, now, (asked.account, user), asked.role)?;
            opened = open_workspaces(conn, now, (&asked, user))?;
        }
        let target = Target {
            kind: "account",
            id: &asked.account_public_id,
            label: &asked.account_name,
        };
        let entry = AuditEntry::new(Action::InvitationAccepted, target)
            .in_account(Some(asked.account))
            .after(json!({ "role": asked.role.as_str(), "workspaces": opened }));
        audit_log::insert(conn, &actor, now, &entry)?;
        Ok(Some((asked, user)))
    })
}

/// In one statement; the roles are in the audit row of who invited.
fn open_workspaces(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    (asked, user): (&Asked, UserId),
) -> Result<usize, DbError> {
    let opened: Vec<(i32, String)> = invitation_workspaces::table
        .inner_join(
            workspaces::table.on(workspaces::account_id
                .eq(invitation_workspaces::account_id)
                .and(workspaces::id.eq(invitation_workspaces::workspace_id))),
        )
        .filter(invitation_workspaces::account_id.eq(asked.account.0))
        .filter(invitation_workspaces::invitation_id.eq(asked.id))
        .filter(workspaces::archived_at.is_null())
        .select((workspaces::id, invitation_workspaces::role))
        .load(conn)?;
    let opened: Vec<_> = opened
        .iter()
        .map(|(workspace, role)| {
            (
                workspace_memberships::account_id.eq(asked.account.0),
                workspace_memberships::workspace_id.eq(workspace),
                workspace_memberships::user_id.eq(user),
                workspace_memberships::role.eq(role),
                workspace_memberships::created_at.eq(now),
            )
        })
        .collect();
    Ok(diesel::insert_into(workspace_memberships::table)
        .values(opened)
        .execute(conn)?)
}
