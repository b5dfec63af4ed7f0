use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use secrecy::SecretString;
use serde_json::json;

use crate::crypto::token;
use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::invitations::HOURLY_MAX;
use crate::db::invitations::InvitationPlace;
use crate::db::invitations::MEMBER_ALREADY;
use crate::db::invitations::NewInvitation;
use crate::db::invitations::OPEN_MAX;
use crate::db::invitations::RESEND_AFTER;
use crate::db::invitations::SENT_JUST_NOW;
use crate::db::invitations::TOO_MANY_OPEN;
use crate::db::invitations::TOO_MANY_SENT;
use crate::db::invitations::VALID_FOR;
use crate::db::invitations::target;
use crate::db::members;
use crate::db::schema::invitation_workspaces;
use crate::db::schema::invitations;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::audit::Action;
use crate::domain::person::Email;
use crate::domain::random;
use crate::domain::random::Random;
use crate::domain::role::AccountRole;

/// Asks somebody to join; the token opens the invitation once. Whether the address is known outside
/// this account makes no difference.
pub fn insert(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    new: &NewInvitation,
) -> Result<SecretString, DbError> {
    let token = token::generate(random)?;
    conn.transaction(|conn| {
        members::lock(conn, new.account)?;
        members::require_above(conn, actor, new.account, &[new.role])?;
        if members::find_by_email(conn, new.account, &new.email)?.is_some() {
            return Err(DbError::Conflict(MEMBER_ALREADY.to_owned()));
        }
        make_room(conn, now, new.account, &new.email)?;
        let id = random::uuid(random)?;
        diesel::insert_into(invitations::table)
            .values((
                invitations::account_id.eq(new.account.0),
                invitations::id.eq(id),
                invitations::email.eq(new.email.as_str()),
                invitations::email_folded.eq(new.email.folded()),
                invitations::role.eq(new.role.as_str()),
                invitations::token_digest.eq(token::digest_of(&token).as_slice()),
                invitations::invited_by.eq(inviter(actor)?),
                invitations::created_at.eq(now),
                invitations::sent_at.eq(now),
                invitations::expires_at.eq(now + VALID_FOR),
            ))
            .execute(conn)?;
        let opened: Vec<_> = new
            .workspaces
            .iter()
            .map(|(workspace, role)| {
                (
                    invitation_workspaces::account_id.eq(new.account.0),
                    invitation_workspaces::invitation_id.eq(id),
                    invitation_workspaces::workspace_id.eq(workspace.0),
                    invitation_workspaces::role.eq(role.as_str()),
                )
            })
            .collect();
        diesel::insert_into(invitation_workspaces::table)
            .values(opened)
            .execute(conn)?;
        let roles = new.workspaces.iter();
        let workspaces: Vec<_> = roles
            .map(|(workspace, role)| json!({ "id": workspace.0, "role": role.as_str() }))
            .collect();
        let id = id.to_string();
        let target = target(&id, new.email.as_str());
        let entry = AuditEntry::new(Action::InvitationSent, target)
            .in_account(Some(new.account))
            .after(json!({ "role": new.role.as_str(), "workspaces": workspaces }));
        audit_log::insert(conn, actor, now, &entry)
    })?;
    Ok(token)
}

type OpenRow = (String, String, DateTime<Utc>, DateTime<Utc>);

/// Only people invite.
fn inviter(actor: &Actor) -> Result<uuid::Uuid, DbError> {
    match actor.kind {
        ActorKind::Person(id) => Ok(id),
        ActorKind::Key(_) | ActorKind::System | ActorKind::Support { .. } => Err(DbError::NotFound),
    }
}

/// An invitation that was never taken up makes way for the next of its address.
fn make_room(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    account: AccountId,
    email: &Email,
) -> Result<(), DbError> {
    let here = invitations::account_id.eq(account.0);
    diesel::update(invitations::table)
        .filter(here)
        .filter(invitations::email_folded.eq(email.folded()))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::withdrawn_at.is_null())
        .filter(invitations::expires_at.le(now))
        .set(invitations::withdrawn_at.eq(now))
        .execute(conn)?;
    require_room(conn, now, account)?;
    let sent: i64 = invitations::table
        .filter(here)
        .filter(invitations::created_at.gt(now - chrono::TimeDelta::hours(1)))
        .count()
        .get_result(conn)?;
    if sent >= HOURLY_MAX {
        return Err(DbError::Conflict(TOO_MANY_SENT.to_owned()));
    }
    Ok(())
}

/// That one more link may work. Those that have expired open nothing and do not count.
fn require_room(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    account: AccountId,
) -> Result<(), DbError> {
    let open: i64 = invitations::table
        .filter(invitations::account_id.eq(account.0))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::withdrawn_at.is_null())
        .filter(invitations::expires_at.gt(now))
        .count()
        .get_result(conn)?;
    if open >= OPEN_MAX {
        return Err(DbError::Conflict(TOO_MANY_OPEN.to_owned()));
    }
    Ok(())
}

/// A new token for an open invitation, good for seven days again; the old one is dead. Tells whose
/// it is and the role it brings.
pub fn resend(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    (account, id): InvitationPlace,
) -> Result<(Email, AccountRole, SecretString), DbError> {
    let token = token::generate(random)?;
    let (email, role) = conn.transaction(|conn| {
        members::lock(conn, account)?;
        let open = invitations::table
            .find((account.0, id))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::withdrawn_at.is_null());
        let (email, role, sent_at, expires_at): OpenRow = open
            .select((
                invitations::email,
                invitations::role,
                invitations::sent_at,
                invitations::expires_at,
            ))
            .first(conn)?;
        let role = members::in_account(&role)?;
        members::require_above(conn, actor, account, &[role])?;
        if now - sent_at < RESEND_AFTER {
            return Err(DbError::Conflict(SENT_JUST_NOW.to_owned()));
        }
        if expires_at <= now {
            require_room(conn, now, account)?;
        }
        diesel::update(open)
            .set((
                invitations::token_digest.eq(token::digest_of(&token).as_slice()),
                invitations::invited_by.eq(inviter(actor)?),
                invitations::sent_at.eq(now),
                invitations::expires_at.eq(now + VALID_FOR),
            ))
            .execute(conn)?;
        let text = id.to_string();
        let entry = AuditEntry::new(Action::InvitationResent, target(&text, &email))
            .in_account(Some(account));
        audit_log::insert(conn, actor, now, &entry)?;
        let email = email
            .parse()
            .map_err(|_| crate::db::corrupt("invitations", "email", &email))?;
        Ok::<(Email, AccountRole), DbError>((email, role))
    })?;
    Ok((email, role, token))
}

/// Its link opens nothing any more. Tells whose it was.
pub fn withdraw(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, id): InvitationPlace,
) -> Result<String, DbError> {
    conn.transaction(|conn| {
        members::lock(conn, account)?;
        let open = invitations::table
            .find((account.0, id))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::withdrawn_at.is_null());
        let (email, role): (String, String) = open
            .select((invitations::email, invitations::role))
            .first(conn)?;
        members::require_above(conn, actor, account, &[members::in_account(&role)?])?;
        diesel::update(open)
            .set(invitations::withdrawn_at.eq(now))
            .execute(conn)?;
        let text = id.to_string();
        let entry = AuditEntry::new(Action::InvitationWithdrawn, target(&text, &email))
            .in_account(Some(account));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(email)
    })
}
