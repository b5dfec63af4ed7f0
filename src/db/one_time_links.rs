//! Links that work once: set-up of an empty installation, choosing a password.

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
use secrecy::SecretString;

use crate::crypto::token;
use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::corrupt;
use crate::db::schema::one_time_links;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::UserId;
use crate::domain::random::Random;

/// A link that somebody asked for goes to a mailbox, and is used at once or not at all.
pub const RESET_VALID_FOR: TimeDelta = TimeDelta::minutes(30);
/// Long enough to be handed on, short enough not to lie about.
pub const VALID_FOR: TimeDelta = TimeDelta::hours(24);

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The first account of an empty installation.
    SetUp,
    SetPassword(UserId),
    /// As `SetPassword`, asked for by whoever says that they are that person.
    ResetPassword(UserId),
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::SetUp => "setup",
            Self::SetPassword(_) => "set-password",
            Self::ResetPassword(_) => "reset-password",
        }
    }

    fn user(self) -> Option<UserId> {
        match self {
            Self::SetUp => None,
            Self::SetPassword(user) | Self::ResetPassword(user) => Some(user),
        }
    }

    fn valid_for(self) -> TimeDelta {
        match self {
            Self::SetUp | Self::SetPassword(_) => VALID_FOR,
            Self::ResetPassword(_) => RESET_VALID_FOR,
        }
    }

    fn action(self) -> Action {
        match self {
            Self::SetUp | Self::SetPassword(_) => Action::LinkCreated,
            Self::ResetPassword(_) => Action::PasswordResetAsked,
        }
    }
}

/// Makes a link's token, good for 24 hours, or 30 minutes where a password is reset. It takes the
/// place of an unused one for the same purpose.
pub fn create(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    purpose: Purpose,
) -> Result<SecretString, DbError> {
    let token = token::generate(random)?;
    conn.transaction(|conn| {
        diesel::delete(one_time_links::table)
            .filter(one_time_links::purpose.eq(purpose.name()))
            .filter(one_time_links::user_id.is_not_distinct_from(purpose.user()))
            .filter(one_time_links::used_at.is_null())
            .execute(conn)?;
        diesel::insert_into(one_time_links::table)
            .values((
                one_time_links::token_digest.eq(token::digest_of(&token).as_slice()),
                one_time_links::purpose.eq(purpose.name()),
                one_time_links::user_id.eq(purpose.user()),
                one_time_links::created_at.eq(now),
                one_time_links::expires_at.eq(now + purpose.valid_for()),
            ))
            .execute(conn)?;
        let id = purpose.user().map(|user| user.to_string());
        let target = Target {
            kind: "link",
            id: id.as_deref().unwrap_or("installation"),
            label: purpose.name(),
        };
        let entry = AuditEntry::new(purpose.action(), target);
        audit_log::insert(conn, actor, now, &entry)
    })?;
    Ok(token)
}

/// What the link is for, if it still works.
pub fn find(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    token: &str,
) -> Result<Option<Purpose>, DbError> {
    let row: Option<(String, Option<UserId>)> = one_time_links::table
        .find(token::digest(token).as_slice())
        .filter(one_time_links::used_at.is_null())
        .filter(one_time_links::expires_at.gt(now))
        .select((one_time_links::purpose, one_time_links::user_id))
        .first(conn)
        .optional()?;
    row.map(read).transpose()
}

/// As `find`, for the last time: of two that come at once only one gets it. Belongs in the
/// transaction of what the link is for, which writes the audit row.
pub fn use_up(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    token: &str,
) -> Result<Option<Purpose>, DbError> {
    let row: Option<(String, Option<UserId>)> =
        diesel::update(one_time_links::table.find(token::digest(token).as_slice()))
            .filter(one_time_links::used_at.is_null())
            .filter(one_time_links::expires_at.gt(now))
            .set(one_time_links::used_at.eq(now))
            .returning((one_time_links::purpose, one_time_links::user_id))
            .get_result(conn)
            .optional()?;
    row.map(read).transpose()
}

fn read((purpose, user): (String, Option<UserId>)) -> Result<Purpose, DbError> {
    match (purpose.as_str(), user) {
        ("setup", _) => Ok(Purpose::SetUp),
        ("set-password", Some(user)) => Ok(Purpose::SetPassword(user)),
        ("reset-password", Some(user)) => Ok(Purpose::ResetPassword(user)),
        _ => Err(corrupt("one_time_links", "purpose", &purpose)),
    }
}

/// Forgets links that no longer open anything.
pub fn delete_dead(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(diesel::delete(one_time_links::table)
        .filter(one_time_links::expires_at.lt(now))
        .execute(conn)?)
}
