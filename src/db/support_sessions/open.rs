//! Beginning a look, going on with it, and ending it.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::public_id;
use crate::db::schema::accounts;
use crate::db::schema::support_sessions;
use crate::db::support_sessions::OVER;
use crate::db::support_sessions::SessionState;
use crate::db::support_sessions::SupportSession;
use crate::db::support_sessions::note;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::UserId;
use crate::domain::random::Random;
use crate::domain::support;
use crate::domain::support::Reason;

#[derive(Debug, Clone)]
pub struct NewSession {
    pub account: AccountId,
    pub person: UserId,
    pub name: String,
    pub email: String,
    pub ticket: String,
    pub reason: Reason,
    pub note: String,
}

/// The look of `person` into `account` that is open or waits for an answer.
pub fn live(
    conn: &mut PgConnection,
    (account, person): (AccountId, UserId),
    now: DateTime<Utc>,
) -> Result<Option<SupportSession>, DbError> {
    let found = support_sessions::table
        .filter(support_sessions::account_id.eq(account.0))
        .filter(support_sessions::user_id.eq(person))
        .filter(support_sessions::ended_at.is_null())
        .filter(support_sessions::declined_at.is_null())
        .select(SupportSession::as_select())
        .first(conn)
        .optional()?;
    Ok(found.filter(|session| {
        matches!(
            session.state(now),
            SessionState::Open | SessionState::Waiting
        )
    }))
}

/// Opens the account to the person, or asks its owners to where they want to be asked first. Where
/// they have a look that is open or waits, it is that one.
pub fn open(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    new: &NewSession,
) -> Result<SupportSession, DbError> {
    conn.transaction(|conn| {
        // Two forms of one person wait here for one another.
        let asks: bool = accounts::table
            .find(new.account.0)
            .for_no_key_update()
            .select(accounts::support_asks)
            .first(conn)?;
        if let Some(live) = live(conn, (new.account, new.person), now)? {
            return Ok(live);
        }
        close_lapsed(conn, (new.account, new.person), now)?;
        let opened_at = (!asks).then_some(now);
        let session: SupportSession = diesel::insert_into(support_sessions::table)
            .values((
                support_sessions::account_id.eq(new.account.0),
                support_sessions::public_id.eq(public_id("sup", random)?),
                support_sessions::user_id.eq(new.person),
                support_sessions::staff_name.eq(&new.name),
                support_sessions::staff_email.eq(&new.email),
                support_sessions::ticket.eq(&new.ticket),
                support_sessions::reason.eq(new.reason.as_str()),
                support_sessions::note.eq(&new.note),
                support_sessions::requested_at.eq(now),
                support_sessions::opened_at.eq(opened_at),
                support_sessions::ends_at.eq(opened_at.map(|at| at + support::SESSION_LENGTH)),
            ))
            .returning(SupportSession::as_returning())
            .get_result(conn)?;
        let action = if asks {
            Action::SupportRequested
        } else {
            Action::SupportOpened
        };
        note(conn, actor, now, (new.account, action), session.facts())?;
        Ok(session)
    })
}

/// What ran out by itself is over, so that another can begin.
fn close_lapsed(
    conn: &mut PgConnection,
    (account, person): (AccountId, UserId),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let old = support_sessions::table
        .filter(support_sessions::account_id.eq(account.0))
        .filter(support_sessions::user_id.eq(person))
        .filter(support_sessions::ended_at.is_null())
        .filter(support_sessions::declined_at.is_null());
    let ran_out: Option<Option<DateTime<Utc>>> = old
        .select(support_sessions::ends_at)
        .first(conn)
        .optional()?;
    if let Some(ends_at) = ran_out {
        diesel::update(old)
            .set(support_sessions::ended_at.eq(ends_at.unwrap_or(now)))
            .execute(conn)?;
    }
    Ok(())
}

/// From now on half an hour again. `DbError::Conflict` with `OVER` for one that is not open.
pub fn renew(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    session: &SupportSession,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        let until = now + support::SESSION_LENGTH;
        let renewed = diesel::update(of(session))
            .filter(support_sessions::ended_at.is_null())
            .filter(support_sessions::ends_at.gt(now))
            .set((
                support_sessions::ends_at.eq(until),
                support_sessions::renewals.eq(support_sessions::renewals + 1),
            ))
            .execute(conn)?;
        if renewed == 0 {
            return Err(DbError::Conflict(OVER.to_owned()));
        }
        let mut facts = session.facts();
        facts["ends_at"] = json!(until);
        let action = (session.account(), Action::SupportRenewed);
        note(conn, actor, now, action, facts)
    })
}

/// `DbError::Conflict` with `OVER` for one that is over already.
pub fn end(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    session: &SupportSession,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        let ended = diesel::update(of(session))
            .filter(support_sessions::ended_at.is_null())
            .filter(support_sessions::declined_at.is_null())
            .set(support_sessions::ended_at.eq(now))
            .execute(conn)?;
        if ended == 0 {
            return Err(DbError::Conflict(OVER.to_owned()));
        }
        let action = (session.account(), Action::SupportEnded);
        note(conn, actor, now, action, session.facts())
    })
}

/// That row.
pub(super) fn of(session: &SupportSession) -> OfSession {
    support_sessions::table.find((session.account_id, session.id))
}

pub(super) type OfSession = diesel::dsl::Find<support_sessions::table, (i32, i64)>;
