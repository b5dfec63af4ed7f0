//! Browser sessions: who is signed in, since when, to which account.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::PgExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use ipnet::IpNet;
use serde_json::Value;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::members;
use crate::db::schema::sessions;
use crate::db::staff_grants;
use crate::db::users;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::identity::Provider;
use crate::domain::person::UserId;

pub use crate::db::sessions_live::Live;
pub use crate::db::sessions_live::find;
pub use crate::db::sessions_own::LISTED_MAX;
pub use crate::db::sessions_own::OwnSession;
pub use crate::db::sessions_own::end_one;
pub use crate::db::sessions_own::end_others;
pub use crate::db::sessions_own::list_of;
pub use crate::db::sessions_own::renew;

/// A session that nobody used for this long is over.
pub const IDLE_MAX: TimeDelta = TimeDelta::minutes(60);
/// A session is over after this long, however busy.
pub const AGE_MAX: TimeDelta = TimeDelta::hours(12);
/// `last_seen_at` is written at most this often.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Longer than any real browser's name for itself.
pub const CLIENT_LENGTH_MAX: usize = 300;

/// SHA-256 of the id in the cookie.
pub type IdDigest = [u8; 32];

#[derive(Debug)]
pub struct NewSession {
    pub id: IdDigest,
    pub user: UserId,
    /// `None` for staff who belong to no account.
    pub account: Option<AccountId>,
    /// By whom the person was identified; `None` is by their password.
    pub provider: Option<Provider>,
    /// What the browser calls itself, cut to `CLIENT_LENGTH_MAX` characters.
    pub client: Option<String>,
    pub state: Value,
}

/// A person has signed in.
pub fn start(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    new: &NewSession,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        diesel::insert_into(sessions::table)
            .values((
                sessions::id_digest.eq(new.id.as_slice()),
                sessions::user_id.eq(new.user),
                sessions::account_id.eq(new.account.map(|account| account.0)),
                sessions::provider.eq(new.provider.map(Provider::as_str)),
                sessions::state.eq(&new.state),
                sessions::created_at.eq(now),
                sessions::last_seen_at.eq(now),
                sessions::confirmed_at.eq(now),
                sessions::ip.eq(actor.ip.map(IpNet::from)),
                sessions::client.eq(new.client.as_deref()),
            ))
            .execute(conn)?;
        if let Some(account) = new.account {
            members::note_active(conn, now, (account, new.user))?;
        }
        staff_grants::note_active(conn, now, new.user)?;
        let id = short(&new.id);
        let by = new.provider.map_or("password", Provider::as_str);
        let entry = AuditEntry::new(Action::SessionStarted, target(&id, &actor.label))
            .in_account(new.account)
            .after(json!({ "by": by }));
        audit_log::insert(conn, actor, now, &entry)
    })
}

/// Notes that the session is in use.
pub(super) fn touch(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    id: &IdDigest,
    last_seen_at: DateTime<Utc>,
) -> Result<(), DbError> {
    if now - last_seen_at >= SEEN_EVERY {
        let whose: Option<(Option<UserId>, Option<i32>)> =
            diesel::update(sessions::table.find(id.as_slice()))
                .set(sessions::last_seen_at.eq(now))
                .returning((sessions::user_id, sessions::account_id))
                .get_result(conn)
                .optional()?;
        if let Some((Some(user), account)) = whose {
            if let Some(account) = account {
                members::note_active(conn, now, (AccountId(account), user))?;
            }
            staff_grants::note_active(conn, now, user)?;
        }
    }
    Ok(())
}

/// Keeps what the session remembers; nothing if it is over meanwhile.
pub fn save_state(conn: &mut PgConnection, id: &IdDigest, state: &Value) -> Result<(), DbError> {
    diesel::update(sessions::table.find(id.as_slice()))
        .set(sessions::state.eq(state))
        .execute(conn)?;
    Ok(())
}

/// Signs out. Ending what has ended is no fault and leaves no second audit row.
pub fn end(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: &IdDigest,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        let account: Option<Option<i32>> = diesel::delete(sessions::table.find(id.as_slice()))
            .returning(sessions::account_id)
            .get_result(conn)
            .optional()?;
        let Some(account) = account else {
            return Ok(());
        };
        let id = short(id);
        let entry = AuditEntry::new(Action::SessionEnded, target(&id, &actor.label))
            .in_account(account.map(AccountId));
        audit_log::insert(conn, actor, now, &entry)
    })
}

/// Ends every session of one person.
pub fn end_all_of(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    user: UserId,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        let ended: Vec<(Vec<u8>, Option<i32>)> = diesel::delete(sessions::table)
            .filter(sessions::user_id.eq(user))
            .returning((sessions::id_digest, sessions::account_id))
            .get_results(conn)?;
        let email = users::email_of(conn, user)?;
        for (id, account) in ended {
            let id = short(&id);
            let entry = AuditEntry::new(Action::SessionEnded, target(&id, &email))
                .in_account(account.map(AccountId));
            audit_log::insert(conn, actor, now, &entry)?;
        }
        Ok(())
    })
}

/// Ends every session of one person in an account that they leave.
pub(super) fn end_in_account(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (account, user): (AccountId, UserId),
) -> Result<(), DbError> {
    let ids = sessions::table
        .filter(sessions::account_id.eq(account.0))
        .filter(sessions::user_id.eq(user))
        .select(sessions::id_digest)
        .load(conn)?;
    end_each(conn, actor, now, ids)
}

/// Ends what a person began by one provider's word, but for the session `kept`.
pub fn end_begun_at(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (user, kept): (UserId, &IdDigest),
    provider: Provider,
) -> Result<(), DbError> {
    let ids = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::provider.eq(provider.as_str()))
        .filter(sessions::id_digest.ne(kept.as_slice()))
        .select(sessions::id_digest)
        .load(conn)?;
    end_each(conn, actor, now, ids)
}

/// Ends what began in an account by a password or another provider's word.
pub fn end_begun_elsewhere(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    account: AccountId,
    provider: Provider,
) -> Result<(), DbError> {
    let ids = sessions::table
        .filter(sessions::account_id.eq(account.0))
        .filter(sessions::provider.is_distinct_from(provider.as_str()))
        .select(sessions::id_digest)
        .load(conn)?;
    end_each(conn, actor, now, ids)
}

fn end_each(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    ids: Vec<Vec<u8>>,
) -> Result<(), DbError> {
    for id in ids {
        if let Ok(id) = IdDigest::try_from(id) {
            end(conn, actor, now, &id)?;
        }
    }
    Ok(())
}

/// Forgets sessions that are over by age or idleness.
pub fn delete_dead(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, DbError> {
    let idle = diesel::delete(sessions::table)
        .filter(sessions::last_seen_at.lt(now - IDLE_MAX))
        .execute(conn)?;
    let old = diesel::delete(sessions::table)
        .filter(sessions::created_at.lt(now - AGE_MAX))
        .execute(conn)?;
    Ok(idle + old)
}

pub(super) fn target<'a>(id: &'a str, email: &'a str) -> Target<'a> {
    Target {
        kind: "session",
        id,
        label: email,
    }
}

/// Enough of the digest to tell two sessions apart.
pub(super) fn short(id: &[u8]) -> String {
    use std::fmt::Write as _;
    id.iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
