//! Authenticator apps and recovery codes. The secret comes sealed and goes sealed.

use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use serde_json::json;

use crate::crypto::digest::Digest;
use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::schema::recovery_codes;
use crate::db::schema::second_factors;
use crate::db::schema::users;
use crate::db::users::person;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::UserId;

/// What a person has set up.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    pub sealed_secret: Vec<u8>,
    pub created_at: DateTime<Utc>,
    /// Recovery codes that were not used.
    pub codes_left: i64,
}

pub struct NewFactor {
    pub sealed_secret: Vec<u8>,
    /// Of the code by which it was set up, which is not taken again.
    pub step: i64,
    pub codes: Vec<Digest>,
}

pub fn find(conn: &mut PgConnection, user: UserId) -> Result<Option<SecondFactor>, DbError> {
    let row: Option<(Vec<u8>, DateTime<Utc>)> = second_factors::table
        .find(user)
        .select((second_factors::sealed_secret, second_factors::created_at))
        .first(conn)
        .optional()?;
    let Some((sealed_secret, created_at)) = row else {
        return Ok(None);
    };
    let codes_left = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(conn)?;
    Ok(Some(SecondFactor {
        sealed_secret,
        created_at,
        codes_left,
    }))
}

/// Sets it up; `false` if there is one already.
pub fn add(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    user: UserId,
    new: &NewFactor,
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        let added = diesel::insert_into(second_factors::table)
            .values((
                second_factors::user_id.eq(user),
                second_factors::sealed_secret.eq(&new.sealed_secret),
                second_factors::last_step.eq(new.step),
                second_factors::created_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(conn)?;
        if added == 0 {
            return Ok(false);
        }
        insert_codes(conn, now, user, &new.codes)?;
        note(conn, actor, now, user, Action::SecondFactorAdded)?;
        Ok(true)
    })
}

/// Takes a code's time step, if none as late was taken before. Of two that come at once one is
/// taken.
pub fn use_step(conn: &mut PgConnection, user: UserId, step: i64) -> Result<bool, DbError> {
    let taken = diesel::update(second_factors::table.find(user))
        .filter(second_factors::last_step.lt(step))
        .set(second_factors::last_step.eq(step))
        .execute(conn)?;
    Ok(taken == 1)
}

/// Takes a recovery code for the first and last time: how many are left, or `None` if it is none.
pub fn use_code(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (user, code): (UserId, &Digest),
) -> Result<Option<i64>, DbError> {
    conn.transaction(|conn| {
        let taken = diesel::update(recovery_codes::table.find((user, code.as_bytes())))
            .filter(recovery_codes::used_at.is_null())
            .set(recovery_codes::used_at.eq(now))
            .execute(conn)?;
        if taken == 0 {
            return Ok(None);
        }
        let left: i64 = recovery_codes::table
            .filter(recovery_codes::user_id.eq(user))
            .filter(recovery_codes::used_at.is_null())
            .count()
            .get_result(conn)?;
        let (id, email) = named(conn, user)?;
        let entry = AuditEntry::new(Action::RecoveryCodeUsed, person(&id, &email))
            .after(json!({ "left": left }));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(Some(left))
    })
}

/// New recovery codes in the place of all the old ones.
pub fn replace_codes(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    user: UserId,
    codes: &[Digest],
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        diesel::delete(recovery_codes::table)
            .filter(recovery_codes::user_id.eq(user))
            .execute(conn)?;
        insert_codes(conn, now, user, codes)?;
        note(conn, actor, now, user, Action::RecoveryCodesMade)
    })
}

/// Takes it away, with its recovery codes; whether there was one.
pub fn remove(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    user: UserId,
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        if diesel::delete(second_factors::table.find(user)).execute(conn)? == 0 {
            return Ok(false);
        }
        note(conn, actor, now, user, Action::SecondFactorRemoved)?;
        Ok(true)
    })
}

fn insert_codes(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    user: UserId,
    codes: &[Digest],
) -> Result<(), DbError> {
    let rows: Vec<_> = codes
        .iter()
        .map(|code| {
            (
                recovery_codes::user_id.eq(user),
                recovery_codes::code_digest.eq(code.as_bytes()),
                recovery_codes::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(recovery_codes::table)
        .values(rows)
        .execute(conn)?;
    Ok(())
}

fn note(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    user: UserId,
    action: Action,
) -> Result<(), DbError> {
    let (id, email) = named(conn, user)?;
    let entry = AuditEntry::new(action, person(&id, &email));
    audit_log::insert(conn, actor, now, &entry)
}

fn named(conn: &mut PgConnection, user: UserId) -> Result<(String, String), DbError> {
    let email = users::table.find(user).select(users::email).first(conn)?;
    Ok((user.to_string(), email))
}
