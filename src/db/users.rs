//! People and their passwords.

mod erase;

use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::Insertable;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::schema::users;
use crate::db::sessions;
use crate::db::sessions::IdDigest;
use crate::db::staff_grants;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::Email;
use crate::domain::person::UserId;
use crate::domain::random;
use crate::domain::random::Random;
use crate::domain::role::StaffRole;

pub use crate::db::users::erase::Erased;
pub use crate::db::users::erase::Erasing;
pub use crate::db::users::erase::erase;

/// The constraint that keeps an address one person's.
pub const EMAIL_TAKEN: &str = "users_email_folded_key";

#[derive(Debug)]
pub struct NewPerson {
    pub email: Email,
    pub name: String,
    /// A PHC string; without one the person needs a link to set a password.
    pub password_hash: Option<String>,
}

/// Somebody with an e-mail address that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub id: UserId,
    /// Whether there was nobody with the address before.
    pub is_new: bool,
}

/// The person with this e-mail address as they are, or a new one.
pub fn find_or_create(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    new: &NewPerson,
) -> Result<Found, DbError> {
    conn.transaction(|conn| {
        let row = NewRow {
            id: random::uuid(random)?,
            email: new.email.as_str(),
            email_folded: new.email.folded(),
            name: &new.name,
            password_hash: new.password_hash.as_deref(),
            created_at: now,
        };
        let inserted: Option<UserId> = diesel::insert_into(users::table)
            .values(row)
            .on_conflict(users::email_folded)
            .do_nothing()
            .returning(users::id)
            .get_result(conn)
            .optional()?;
        let Some(id) = inserted else {
            let id = users::table
                .filter(users::email_folded.eq(new.email.folded()))
                .select(users::id)
                .first(conn)?;
            return Ok(Found { id, is_new: false });
        };
        let text = id.to_string();
        let entry = AuditEntry::new(Action::PersonCreated, person(&text, new.email.as_str()));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(Found { id, is_new: true })
    })
}

/// A new person; `DbError::Conflict` with `EMAIL_TAKEN` if somebody has the address.
pub fn create(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    new: &NewPerson,
) -> Result<UserId, DbError> {
    let found = find_or_create(conn, actor, now, random, new)?;
    if found.is_new {
        Ok(found.id)
    } else {
        Err(DbError::Conflict(EMAIL_TAKEN.to_owned()))
    }
}

/// Makes a person of the operator's company, or gives the role to the one who is known already.
pub fn create_staff(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    (new, role): (&NewPerson, StaffRole),
) -> Result<UserId, DbError> {
    conn.transaction(|conn| {
        let found = find_or_create(conn, actor, now, random, new)?;
        staff_grants::grant(conn, actor, now, (found.id, new.email.as_str()), role)?;
        Ok(found.id)
    })
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct NewRow<'a> {
    id: UserId,
    email: &'a str,
    email_folded: &'a str,
    name: &'a str,
    password_hash: Option<&'a str>,
    created_at: DateTime<Utc>,
}

/// Someone who may try to sign in, and what their password must match.
#[derive(Debug)]
pub struct Candidate {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub password_hash: Option<String>,
}

/// Who signs in with this address, unless they are locked out for good.
pub fn find_candidate(
    conn: &mut PgConnection,
    email: &Email,
) -> Result<Option<Candidate>, DbError> {
    let row: Option<(UserId, String, String, Option<String>)> = users::table
        .filter(users::email_folded.eq(email.folded()))
        .filter(users::disabled_at.is_null())
        .select((users::id, users::email, users::name, users::password_hash))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, email, name, password_hash)| Candidate {
        id,
        email,
        name,
        password_hash,
    }))
}

pub fn email_of(conn: &mut PgConnection, user: UserId) -> Result<String, DbError> {
    Ok(users::table.find(user).select(users::email).first(conn)?)
}

/// A new password ends every session of the person.
pub fn set_password(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    user: UserId,
    password_hash: &str,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        let email: String = diesel::update(users::table.find(user))
            .set(users::password_hash.eq(password_hash))
            .returning(users::email)
            .get_result(conn)?;
        let id = user.to_string();
        let entry = AuditEntry::new(Action::PasswordSet, person(&id, &email));
        audit_log::insert(conn, actor, now, &entry)?;
        sessions::end_all_of(conn, actor, now, user)
    })
}

/// As `set_password`, by the person in the session `kept`: it goes on, every other one ends.
pub fn change_password(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (user, kept): (UserId, &IdDigest),
    password_hash: &str,
) -> Result<(), DbError> {
    conn.transaction(|conn| {
        let email: String = diesel::update(users::table.find(user))
            .set(users::password_hash.eq(password_hash))
            .returning(users::email)
            .get_result(conn)?;
        let id = user.to_string();
        let entry = AuditEntry::new(Action::PasswordSet, person(&id, &email));
        audit_log::insert(conn, actor, now, &entry)?;
        sessions::end_others(conn, actor, now, (user, kept)).map(|_| ())
    })
}

/// What a person is called. Nothing is recorded if they are called so already.
pub fn rename(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    user: UserId,
    name: &str,
) -> Result<bool, DbError> {
    conn.transaction(|conn| {
        let (before, email): (String, String) = users::table
            .find(user)
            .select((users::name, users::email))
            .for_update()
            .first(conn)?;
        if before == name {
            return Ok(false);
        }
        diesel::update(users::table.find(user))
            .set(users::name.eq(name))
            .execute(conn)?;
        let id = user.to_string();
        let entry = AuditEntry {
            before: Some(json!({ "name": before })),
            after: Some(json!({ "name": name })),
            ..AuditEntry::new(Action::PersonUpdated, person(&id, &email))
        };
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(true)
    })
}

/// The stored hash of a person's password, if they have set one.
pub fn password_hash_of(conn: &mut PgConnection, user: UserId) -> Result<Option<String>, DbError> {
    Ok(users::table
        .find(user)
        .select(users::password_hash)
        .first(conn)?)
}

/// The same password under dearer parameters: no change that anybody made, so no audit row.
pub fn rehash_password(
    conn: &mut PgConnection,
    user: UserId,
    (old_hash, new_hash): (&str, &str),
) -> Result<(), DbError> {
    diesel::update(users::table.find(user))
        .filter(users::password_hash.eq(old_hash))
        .set(users::password_hash.eq(new_hash))
        .execute(conn)?;
    Ok(())
}

pub(super) fn person<'a>(id: &'a str, email: &'a str) -> Target<'a> {
    Target {
        kind: "person",
        id,
        label: email,
    }
}
