//! Erasing a person: who they were goes, what they did stays.
//!
//! Keys, counts and the log of calls refer to a person by id, and that id stays, under a name that
//! is nobody's. So does the audit log, whose rows are emptied of what names the person.

mod words;

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::Map;
use serde_json::Value;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::erase::Emptied;
use crate::db::audit_log::erase::Whom;
use crate::db::memberships;
use crate::db::schema::audit_log as rows;
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
use crate::db::sought::Sought;
use crate::db::users::person;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::audit::erasure;
use crate::domain::person::Email;
use crate::domain::person::UserId;
use crate::domain::random;
use crate::domain::random::Random;

/// Earlier names of one person that are looked for, the latest.
const EARLIER_NAMES_MAX: i64 = 100;

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// `None` where nobody has the address, or has it any more.
    pub person: Option<UserId>,
    pub sessions: usize,
    pub sign_ins: usize,
    pub invitations: usize,
    /// Parts of audit rows that named them.
    pub audit_parts: i64,
    /// Audit rows from before rows could be emptied, which still name them.
    pub audit_left: i64,
    /// Texts of other kinds that held the address.
    pub texts: usize,
}

/// Erases who has the address, and the address wherever else it is kept.
pub fn erase(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    email: &Email,
) -> Result<Erasing, DbError> {
    conn.transaction(|conn| {
        let found: Option<(UserId, String, String)> = users::table
            .filter(users::email_folded.eq(email.folded()))
            .select((users::id, users::email, users::name))
            .for_update()
            .first(conn)
            .optional()?;
        let mut erased = Erased {
            person: found.as_ref().map(|(id, ..)| *id),
            ..Erased::default()
        };
        // The database knows other spellings of ASCII letters only.
        let mut emails = vec![email.folded().to_owned(), email.as_str().to_owned()];
        let mut names = Vec::new();
        if let Some((id, shown, name)) = found {
            let domains = memberships::domains_of(conn, id)?;
            if !domains.is_empty() {
                return Ok(Erasing::Member(domains));
            }
            let role = staff_grants::table.find(id);
            if diesel::select(diesel::dsl::exists(role)).get_result(conn)? {
                return Ok(Erasing::Staff);
            }
            emails.push(shown);
            names = earlier_names(conn, id)?;
            names.push(name);
            names.extend(claimed(conn, id)?);
            erased.sessions = of_person(conn, id, &mut erased.sign_ins)?;
            rename(conn, now, id)?;
        }
        erased.invitations = of_address(conn, email)?;
        let id = match erased.person {
            Some(id) => id,
            None => random::uuid(random)?,
        };
        let sought = Sought::emails(emails.iter().map(String::as_str));
        let names = Sought::words(names.iter().map(String::as_str));
        let whom = Whom {
            erasure: id,
            person: erased.person,
            addresses: &emails,
            emails: &sought,
            names: erased.person.map(|_| &names),
        };
        let emptied = audit_log::erase::empty(conn, whom)?;
        (erased.audit_parts, erased.audit_left) = (emptied.parts, emptied.left);
        // Last, because whoever writes the same words meanwhile waits.
        erased.texts = words::replace(conn, &sought)?;
        if erased.did_something() {
            let id = id.to_string();
            let entry = AuditEntry::new(Action::PersonErased, person(&id, NAME))
                .after(facts(&erased, emptied));
            audit_log::insert(conn, actor, now, &entry)?;
        }
        Ok(Erasing::Done(erased))
    })
}

impl Erased {
    fn did_something(&self) -> bool {
        self.person.is_some() || self.invitations > 0 || self.texts > 0 || self.audit_parts > 0
    }
}

fn facts(erased: &Erased, emptied: Emptied) -> Value {
    let mut facts = Map::new();
    facts.insert("sessions".to_owned(), erased.sessions.into());
    facts.insert("sign_ins".to_owned(), erased.sign_ins.into());
    facts.insert("audit_parts".to_owned(), emptied.parts.into());
    if !emptied.digest.is_empty() {
        facts.insert(erasure::DIGEST_FACT.to_owned(), emptied.digest.into());
    }
    facts.into()
}

/// What providers call somebody: an address that nobody need have verified, or any other text. It is
/// looked for as a name is, since it may be somebody else's.
fn claimed(conn: &mut PgConnection, id: UserId) -> Result<Vec<String>, DbError> {
    let claimed: Vec<Option<String>> = identities::table
        .filter(identities::user_id.eq(id))
        .select(identities::email)
        .load(conn)?;
    let claimed = claimed.into_iter().flatten();
    Ok(claimed.filter(|email| !email.is_empty()).collect())
}

/// Names that somebody is remembered by: the audit log tells of each change.
fn earlier_names(conn: &mut PgConnection, id: UserId) -> Result<Vec<String>, DbError> {
    let facts: Vec<Option<Value>> = rows::table
        .filter(rows::action.eq(Action::PersonUpdated.code()))
        .filter(rows::target_id.eq(id.to_string()))
        .order(rows::id.desc())
        .limit(EARLIER_NAMES_MAX)
        .select(rows::before)
        .load(conn)?;
    let names = facts.iter().flatten();
    let names = names.filter_map(|facts| facts.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
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
fn rename(conn: &mut PgConnection, now: DateTime<Utc>, id: UserId) -> Result<(), DbError> {
    let nobody = words::nobody(id);
    diesel::update(users::table.find(id))
        .set((
            users::email.eq(&nobody),
            users::email_folded.eq(&nobody),
            users::name.eq(NAME),
            users::password_hash.eq(None::<String>),
            users::disabled_at.eq(now),
        ))
        .execute(conn)?;
    // So do looks of support into accounts.
    diesel::update(support_sessions::table.filter(support_sessions::user_id.eq(id)))
        .set((
            support_sessions::staff_email.eq(&nobody),
            support_sessions::staff_name.eq(NAME),
        ))
        .execute(conn)?;
    Ok(())
}

/// What is kept by address alone; how many invitations that were.
fn of_address(conn: &mut PgConnection, email: &Email) -> Result<usize, DbError> {
    diesel::delete(sign_in_failures::table.find(("email", email.folded()))).execute(conn)?;
    let sent = invitations::table.filter(invitations::email_folded.eq(email.folded()));
    Ok(diesel::delete(sent).execute(conn)?)
}
