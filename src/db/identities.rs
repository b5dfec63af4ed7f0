//! Which sign-ins at providers belong to which person.

use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::Queryable;
use diesel::RunQueryDsl;
use serde_json::Value;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::corrupt;
use crate::db::schema::identities;
use crate::db::schema::users;
use crate::db::sessions;
use crate::db::sessions::IdDigest;
use crate::db::sign_in_rules;
use crate::db::users::Candidate;
use crate::db::users::email_of;
use crate::db::users::person;
use crate::domain::account::AccountId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::identity::Identity;
use crate::domain::identity::Provider;
use crate::domain::person::UserId;
use crate::domain::random;
use crate::domain::random::Random;

/// Of one person.
pub const LINKED_MAX: i64 = 10;

/// One sign-in of a person, as their page lists it.
#[derive(Debug, Clone)]
pub struct Linked {
    pub id: uuid::Uuid,
    pub provider: Provider,
    pub issuer: String,
    pub email: Option<String>,
    pub linked_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Who the identity is, unless they are locked out for good. Notes that it was used, and what the
/// provider calls them now.
pub fn recognise(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    identity: &Identity,
) -> Result<Option<Candidate>, DbError> {
    let row: Option<(uuid::Uuid, UserId, String, String)> = identities::table
        .inner_join(users::table.on(users::id.eq(identities::user_id)))
        .filter(identities::issuer.eq(&identity.issuer))
        .filter(identities::subject.eq(&identity.subject))
        .filter(identities::provider.eq(identity.provider.as_str()))
        .filter(users::disabled_at.is_null())
        .select((identities::id, users::id, users::email, users::name))
        .first(conn)
        .optional()?;
    let Some((id, user, email, name)) = row else {
        return Ok(None);
    };
    diesel::update(identities::table.find(id))
        .set((
            identities::last_used_at.eq(now),
            identities::email.eq(identity.email.as_deref()),
        ))
        .execute(conn)?;
    Ok(Some(Candidate {
        id: user,
        email,
        name,
        password_hash: None,
    }))
}

/// What came of linking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linking {
    Linked,
    /// It was theirs already.
    Known,
    /// It is somebody else's. Whose is nobody's business.
    Taken,
    TooMany,
}

/// Makes the identity one of `user`'s ways to sign in. `account` is where they did it.
pub fn link(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    ((user, account), identity): ((UserId, Option<AccountId>), &Identity),
) -> Result<Linking, DbError> {
    conn.transaction(|conn| {
        // Two at once must not both be the tenth.
        users::table
            .find(user)
            .select(users::id)
            .for_update()
            .first::<UserId>(conn)?;
        let owner: Option<UserId> = identities::table
            .filter(identities::issuer.eq(&identity.issuer))
            .filter(identities::subject.eq(&identity.subject))
            .select(identities::user_id)
            .first(conn)
            .optional()?;
        if let Some(owner) = owner {
            return Ok(if owner == user {
                Linking::Known
            } else {
                Linking::Taken
            });
        }
        if count_of(conn, user)? >= LINKED_MAX {
            return Ok(Linking::TooMany);
        }
        let inserted = diesel::insert_into(identities::table)
            .values((
                identities::id.eq(random::uuid(random)?),
                identities::user_id.eq(user),
                identities::provider.eq(identity.provider.as_str()),
                identities::issuer.eq(&identity.issuer),
                identities::subject.eq(&identity.subject),
                identities::email.eq(identity.email.as_deref()),
                identities::linked_at.eq(now),
            ))
            .on_conflict((identities::issuer, identities::subject))
            .do_nothing()
            .execute(conn)?;
        if inserted == 0 {
            return Ok(Linking::Taken);
        }
        let (id, email) = (user.to_string(), email_of(conn, user)?);
        let entry = AuditEntry::new(Action::IdentityLinked, person(&id, &email))
            .in_account(account)
            .after(facts(identity));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(Linking::Linked)
    })
}

/// What came of unlinking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlinking {
    Unlinked(Provider),
    /// Without it the person could not sign in any more.
    LastWay,
    /// It is none of theirs.
    Unknown,
}

/// Takes one of `user`'s ways to sign in away, and ends the sessions that began at its provider,
/// but for the one that asks.
pub fn unlink(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    ((user, account), current): ((UserId, Option<AccountId>), &IdDigest),
    id: uuid::Uuid,
) -> Result<Unlinking, DbError> {
    conn.transaction(|conn| {
        // Two at once must not both leave the other as the last.
        let (email, password): (String, Option<String>) = users::table
            .find(user)
            .select((users::email, users::password_hash))
            .for_update()
            .first(conn)?;
        let row: Option<(String, String, String, Option<String>)> = identities::table
            .find(id)
            .filter(identities::user_id.eq(user))
            .select((
                identities::provider,
                identities::issuer,
                identities::subject,
                identities::email,
            ))
            .first(conn)
            .optional()?;
        let Some((provider, issuer, subject, claimed)) = row else {
            return Ok(Unlinking::Unknown);
        };
        let provider = parse_provider(&provider)?;
        let is_last = password.is_none() && count_of(conn, user)? <= 1;
        if is_last || is_last_required(conn, (user, account), provider)? {
            return Ok(Unlinking::LastWay);
        }
        diesel::delete(identities::table.find(id)).execute(conn)?;
        let identity = Identity {
            provider,
            issuer,
            subject,
            email: claimed,
        };
        sessions::end_begun_at(conn, actor, now, (user, current), provider)?;
        let id = user.to_string();
        let entry = AuditEntry {
            before: Some(facts(&identity)),
            ..AuditEntry::new(Action::IdentityUnlinked, person(&id, &email)).in_account(account)
        };
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(Unlinking::Unlinked(provider))
    })
}

/// Whether the account lets the person in by this provider only, and by no other identity there.
fn is_last_required(
    conn: &mut PgConnection,
    (user, account): (UserId, Option<AccountId>),
    provider: Provider,
) -> Result<bool, DbError> {
    let Some(account) = account else {
        return Ok(false);
    };
    let rules = sign_in_rules::find(conn, account)?;
    if rules.required_provider != Some(provider) {
        return Ok(false);
    }
    let there: i64 = identities::table
        .filter(identities::user_id.eq(user))
        .filter(identities::provider.eq(provider.as_str()))
        .count()
        .get_result(conn)?;
    Ok(there <= 1)
}

/// Every sign-in of a person, the oldest first.
pub fn of_person(conn: &mut PgConnection, user: UserId) -> Result<Vec<Linked>, DbError> {
    let rows: Vec<Row> = identities::table
        .filter(identities::user_id.eq(user))
        .order((identities::linked_at, identities::id))
        .limit(LINKED_MAX)
        .select((
            identities::id,
            identities::provider,
            identities::issuer,
            identities::email,
            identities::linked_at,
            identities::last_used_at,
        ))
        .load(conn)?;
    rows.into_iter().map(Linked::try_from).collect()
}

#[derive(Queryable)]
struct Row {
    id: uuid::Uuid,
    provider: String,
    issuer: String,
    email: Option<String>,
    linked_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Linked {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            provider: parse_provider(&row.provider)?,
            issuer: row.issuer,
            email: row.email,
            linked_at: row.linked_at,
            last_used_at: row.last_used_at,
        })
    }
}

fn count_of(conn: &mut PgConnection, user: UserId) -> Result<i64, DbError> {
    Ok(identities::table
        .filter(identities::user_id.eq(user))
        .count()
        .get_result(conn)?)
}

fn parse_provider(provider: &str) -> Result<Provider, DbError> {
    Provider::parse(provider).ok_or_else(|| corrupt("identities", "provider", provider))
}

fn facts(identity: &Identity) -> Value {
    json!({
        "provider": identity.provider.as_str(),
        "issuer": identity.issuer,
        "subject": identity.subject,
        "email": identity.email,
    })
}
