//! Erasing a person: who they were goes, what they did stays.
//!
//! Keys, counts and the log of calls refer to a person by id, and that id stays, under a name that
//! is nobody's. Audit rows are history and are not rewritten.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::memberships;
use crate::db::schema::api_keys;
use crate::db::schema::identities;
use crate::db::schema::invitations;
use crate::db::schema::one_time_links;
use crate::db::schema::pending_sign_ins;
use crate::db::schema::second_factors;
use crate::db::schema::sessions;
use crate::db::schema::sign_in_failures;
use crate::db::schema::staff_grants;
use crate::db::schema::support_sessions;
use crate::db::schema::users;
use crate::db::users::person;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::Email;
use crate::domain::person::UserId;

/// Whom nobody knows any more is called.
const NAME: &str = "Erased person";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasing {
    Done(Erased),
    /// Nothing was done: keys need another owner first. With the domains of the accounts.
    Member(Vec<String>),
    /// Nothing was done: the role at the operator comes first.
    Staff,
}

/// What was there of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// `None` where nobody has the address, or has it any more.
    pub person: Option<UserId>,
    pub sessions: usize,
    pub sign_ins: usize,
    pub invitations: usize,
}

/// Erases who has the address, and the address wherever else it is kept.
pub fn erase(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    email: &Email,
) -> Result<Erasing, DbError> {
    conn.transaction(|conn| {
        let found: Option<(UserId, String)> = users::table
            .filter(users::email_folded.eq(email.folded()))
            .select((users::id, users::email))
            .for_update()
            .first(conn)
            .optional()?;
        let mut erased = Erased {
            person: found.as_ref().map(|(id, _)| *id),
            sessions: 0,
            sign_ins: 0,
            invitations: 0,
        };
        if let Some((id, shown)) = &found {
            let domains = memberships::domains_of(conn, *id)?;
            if !domains.is_empty() {
                return Ok(Erasing::Member(domains));
            }
            let role = staff_grants::table.find(*id);
            if diesel::select(diesel::dsl::exists(role)).get_result(conn)? {
                return Ok(Erasing::Staff);
            }
            erased.sessions = of_person(conn, *id, &mut erased.sign_ins)?;
            rename(conn, now, (*id, shown))?;
            let text = id.to_string();
            let gone = json!({ "sessions": erased.sessions, "sign_ins": erased.sign_ins });
            let entry = AuditEntry::new(Action::PersonErased, person(&text, NAME)).after(gone);
            audit_log::insert(conn, actor, now, &entry)?;
        }
        erased.invitations = of_address(conn, email)?;
        Ok(Erasing::Done(erased))
    })
}

/// What hangs on the person; how many sessions that were.
fn of_person(conn: &mut PgConnection, id: UserId, sign_ins: &mut usize) -> Result<usize, DbError> {
    let theirs = pending_sign_ins::table.filter(
        pending_sign_ins::user_id
            .eq(id)
            .or(pending_sign_ins::confirms.eq(id)),
    );
    diesel::delete(theirs).execute(conn)?;
    diesel::delete(one_time_links::table.filter(one_time_links::user_id.eq(id))).execute(conn)?;
    *sign_ins = diesel::delete(identities::table.filter(identities::user_id.eq(id)))
        .execute(conn)?
        + diesel::delete(second_factors::table.find(id)).execute(conn)?;
    Ok(diesel::delete(sessions::table.filter(sessions::user_id.eq(id))).execute(conn)?)
}

/// Nobody signs in with the new address: it is no domain of anybody's, and has no password.
fn rename(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    (id, shown): (UserId, &str),
) -> Result<(), DbError> {
    let nobody = format!("erased-{}@erased.invalid", id.simple());
    diesel::update(users::table.find(id))
        .set((
            users::email.eq(&nobody),
            users::email_folded.eq(&nobody),
            users::name.eq(NAME),
            users::password_hash.eq(None::<String>),
            users::disabled_at.eq(now),
        ))
        .execute(conn)?;
    // So do looks of support into accounts, and who let them in.
    diesel::update(support_sessions::table.filter(support_sessions::user_id.eq(id)))
        .set((
            support_sessions::staff_email.eq(&nobody),
            support_sessions::staff_name.eq(NAME),
        ))
        .execute(conn)?;
    diesel::update(support_sessions::table.filter(support_sessions::decided_by.eq(shown)))
        .set(support_sessions::decided_by.eq(NAME))
        .execute(conn)?;
    // Keys say who revoked them by the address of then.
    diesel::update(api_keys::table.filter(api_keys::revoked_by.eq(shown)))
        .set(api_keys::revoked_by.eq(NAME))
        .execute(conn)?;
    Ok(())
}

/// What is kept by address alone; how many invitations that were.
fn of_address(conn: &mut PgConnection, email: &Email) -> Result<usize, DbError> {
    diesel::delete(sign_in_failures::table.find(("email", email.folded()))).execute(conn)?;
    let sent = invitations::table.filter(invitations::email_folded.eq(email.folded()));
    Ok(diesel::delete(sent).execute(conn)?)
}
