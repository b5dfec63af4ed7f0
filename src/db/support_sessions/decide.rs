//! What owners decide: whether they are asked first, and what they answer.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::schema::accounts;
use crate::db::schema::memberships;
use crate::db::schema::support_sessions;
use crate::db::schema::users;
use crate::db::support_sessions::OVER;
use crate::db::support_sessions::SessionState;
use crate::db::support_sessions::SupportSession;
use crate::db::support_sessions::note;
use crate::db::support_sessions::open::of;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::role::AccountRole;
use crate::domain::support;

/// Whether an owner is asked before somebody of support looks.
pub fn asks(conn: &mut PgConnection, account: AccountId) -> Result<bool, DbError> {
    Ok(accounts::table
        .find(account.0)
        .select(accounts::support_asks)
        .first(conn)?)
}

/// Whether that changed anything. What is open stays open until its time is over.
pub fn set_asks(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    account: AccountId,
    asks: bool,
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        let changed = diesel::update(accounts::table.find(account.0))
            .filter(accounts::support_asks.ne(asks))
            .set(accounts::support_asks.eq(asks))
            .execute(conn)?;
        if changed == 0 {
            return Ok(false);
        }
        let action = (account, Action::SupportAccessChanged);
        note(conn, actor, now, action, json!({ "asks_first": asks }))?;
        Ok(true)
    })
}

/// Lets somebody of support in from now on for half an hour, or does not. `DbError::Conflict` with
/// `OVER` where nobody waits for an answer any more.
pub fn decide(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, public_id): (AccountId, &str),
    lets_in: bool,
) -> Result<SupportSession, DbError> {
    conn.transaction(|conn| {
        let session: SupportSession = support_sessions::table
            .filter(support_sessions::account_id.eq(account.0))
            .filter(support_sessions::public_id.eq(public_id))
            .for_update()
            .select(SupportSession::as_select())
            .first(conn)?;
        if session.state(now) != SessionState::Waiting {
            return Err(DbError::Conflict(OVER.to_owned()));
        }
        let by = support_sessions::decided_by.eq(&actor.label);
        let action = if lets_in {
            diesel::update(of(&session))
                .set((
                    by,
                    support_sessions::opened_at.eq(now),
                    support_sessions::ends_at.eq(now + support::SESSION_LENGTH),
                ))
                .execute(conn)?;
            Action::SupportApproved
        } else {
            diesel::update(of(&session))
                .set((by, support_sessions::declined_at.eq(now)))
                .execute(conn)?;
            Action::SupportDeclined
        };
        let mut facts = session.facts();
        facts["staff"] = json!(session.staff_email);
        note(conn, actor, now, (account, action), facts)?;
        Ok(session)
    })
}

/// Names and addresses of the owners of `account`, at most `most`.
pub fn owners(
    conn: &mut PgConnection,
    account: AccountId,
    most: i64,
) -> Result<Vec<(String, String)>, DbError> {
    Ok(memberships::table
        .inner_join(users::table)
        .filter(memberships::account_id.eq(account.0))
        .filter(memberships::role.eq(AccountRole::Owner.as_str()))
        .filter(users::disabled_at.is_null())
        .order((memberships::created_at, users::id))
        .limit(most)
        .select((users::name, users::email))
        .load(conn)?)
}
