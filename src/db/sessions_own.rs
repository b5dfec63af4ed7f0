//! A person's own sessions: listed, ended, and given a new id.

use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::NullableExpressionMethods;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use ipnet::IpNet;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::schema::accounts;
use crate::db::schema::sessions;
use crate::db::sessions::AGE_MAX;
use crate::db::sessions::IDLE_MAX;
use crate::db::sessions::IdDigest;
use crate::db::sessions::short;
use crate::db::sessions::target;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::UserId;

/// Nobody has as many browsers; whoever does ends them all at once.
pub const LISTED_MAX: i64 = 100;

/// A session as its person sees it.
#[derive(Debug, Clone)]
pub struct OwnSession {
    pub id: IdDigest,
    /// The account it is for; `None` for staff.
    pub account: Option<String>,
    pub ip: Option<IpAddr>,
    /// What the browser called itself.
    pub client: Option<String>,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

type Row = (
    Vec<u8>,
    Option<String>,
    Option<IpNet>,
    Option<String>,
    DateTime<Utc>,
    DateTime<Utc>,
);

/// The sessions of one person that are not over, last used first, at most `LISTED_MAX`.
pub fn list_of(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    user: UserId,
) -> Result<Vec<OwnSession>, DbError> {
    let rows: Vec<Row> = sessions::table
        .left_join(accounts::table.on(sessions::account_id.eq(accounts::id.nullable())))
        .filter(sessions::user_id.eq(user))
        .filter(sessions::last_seen_at.gt(now - IDLE_MAX))
        .filter(sessions::created_at.gt(now - AGE_MAX))
        .order((sessions::last_seen_at.desc(), sessions::id_digest))
        .limit(LISTED_MAX)
        .select((
            sessions::id_digest,
            accounts::name.nullable(),
            sessions::ip,
            sessions::client,
            sessions::created_at,
            sessions::last_seen_at,
        ))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(read).collect())
}

fn read((id, account, ip, client, created_at, last_seen_at): Row) -> Option<OwnSession> {
    Some(OwnSession {
        id: id.try_into().ok()?,
        account,
        ip: ip.map(|net| net.addr()),
        client,
        created_at,
        last_seen_at,
    })
}

/// Ends one session, if it is this person's; whether there was one.
pub fn end_one(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (user, id): (UserId, &IdDigest),
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        let account: Option<Option<i32>> = diesel::delete(sessions::table.find(id.as_slice()))
            .filter(sessions::user_id.eq(user))
            .returning(sessions::account_id)
            .get_result(conn)
            .optional()?;
        let Some(account) = account else {
            return Ok(false);
        };
        note_end(conn, actor, now, (id, account))?;
        Ok(true)
    })
}

/// Ends every session of one person but the one they are in; how many.
pub fn end_others(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (user, kept): (UserId, &IdDigest),
) -> Result<usize, DbError> {
    conn.transaction(|conn| {
        let ended: Vec<(Vec<u8>, Option<i32>)> = diesel::delete(sessions::table)
            .filter(sessions::user_id.eq(user))
            .filter(sessions::id_digest.ne(kept.as_slice()))
            .returning((sessions::id_digest, sessions::account_id))
            .get_results(conn)?;
        for (id, account) in &ended {
            note_end(conn, actor, now, (id, *account))?;
        }
        Ok(ended.len())
    })
}

fn note_end(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (id, account): (&[u8], Option<i32>),
) -> Result<(), DbError> {
    let id = short(id);
    let entry = AuditEntry::new(Action::SessionEnded, target(&id, &actor.label))
        .in_account(account.map(AccountId));
    audit_log::insert(conn, actor, now, &entry)
}

/// The session goes on under another id, because its person has just proved who they are. Nothing,
/// if it is over meanwhile.
pub fn renew(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (old, new): (&IdDigest, &IdDigest),
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        let account: Option<Option<i32>> = diesel::update(sessions::table.find(old.as_slice()))
            .set((
                sessions::id_digest.eq(new.as_slice()),
                sessions::confirmed_at.eq(now),
                sessions::last_seen_at.eq(now),
            ))
            .returning(sessions::account_id)
            .get_result(conn)
            .optional()?;
        let Some(account) = account else {
            return Ok(false);
        };
        let id = short(new);
        let entry = AuditEntry::new(Action::SessionConfirmed, target(&id, &actor.label))
            .in_account(account.map(AccountId));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(true)
    })
}
