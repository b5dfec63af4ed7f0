//! What the operator's back ends send to Latchkey's own API.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use uuid::Uuid;

use crate::crypto::digest::Digest;
use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::key_changes;
use crate::db::schema::service_credentials;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKeyId;
use crate::domain::audit::Action;

/// As many may work at once.
pub const WORKING_MAX: i64 = 200;
/// As many are listed; of those that work, that is all.
pub const LISTED_MAX: i64 = 400;

/// `DbError::Conflict` with this: one that works has the name.
pub const NAME_TAKEN: &str = "service_credentials_name_key";
/// `DbError::Conflict` with this: the same form was sent before and made its credential.
pub const OPERATION_REPEATED: &str = "service_credentials_operation_key";
/// `DbError::Conflict` with this: `WORKING_MAX` work already.
pub const TOO_MANY: &str = "service_credentials_working_max";

pub struct NewCredential {
    pub id: ApiKeyId,
    pub name: String,
    pub digest: Digest,
    /// The one-use id of the form, if one made it.
    pub operation: Option<Uuid>,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = service_credentials)]
pub struct Credential {
    pub id: String,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Those that work by name, then those that are revoked, the last first.
pub fn list(conn: &mut PgConnection) -> Result<Vec<Credential>, DbError> {
    Ok(service_credentials::table
        .order((
            service_credentials::revoked_at.desc().nulls_first(),
            service_credentials::name,
        ))
        .limit(LISTED_MAX)
        .select(Credential::as_select())
        .load(conn)?)
}

/// `NotFound` if there is none.
pub fn find(conn: &mut PgConnection, id: &str) -> Result<Credential, DbError> {
    Ok(service_credentials::table
        .find(id)
        .select(Credential::as_select())
        .first(conn)?)
}

/// Ends it for good. The number of the change, `None` if it was revoked before.
pub fn revoke(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    id: &str,
) -> Result<Option<i64>, DbError> {
    conn.transaction(|conn| {
        let old: Credential = service_credentials::table
            .find(id)
            .for_update()
            .select(Credential::as_select())
            .first(conn)?;
        if old.revoked_at.is_some() {
            return Ok(None);
        }
        diesel::update(service_credentials::table.find(id))
            .set(service_credentials::revoked_at.eq(now))
            .execute(conn)?;
        let seq = key_changes::drawn_here(conn)?;
        let entry = AuditEntry::new(Action::ServiceCredentialRevoked, target(id, &old.name));
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(Some(seq))
    })
}

/// When some were used, each named once. A later time that is known stays.
pub fn note_used(
    conn: &mut PgConnection,
    used: &[(ApiKeyId, DateTime<Utc>)],
) -> Result<usize, DbError> {
    let ids: Vec<&str> = used.iter().map(|(id, _)| id.as_str()).collect();
    let times: Vec<DateTime<Utc>> = used.iter().map(|(_, at)| *at).collect();
    // Locked in one order, so that two nodes do not deadlock.
    Ok(diesel::sql_query(
        "with told as (select * from unnest($1, $2) as t (id, at)),
         known as (
             select c.id from service_credentials c join told using (id) order by c.id for update)
         update service_credentials c set last_used_at = greatest(c.last_used_at, told.at)
         from told, known where c.id = told.id and c.id = known.id",
    )
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<Timestamptz>, _>(times)
    .execute(conn)?)
}

fn target<'a>(id: &'a str, name: &'a str) -> Target<'a> {
    Target {
        kind: "service_credential",
        id,
        label: name,
    }
}

/// Whether a form with this one-use id made a credential.
pub fn is_made(conn: &mut PgConnection, operation: Uuid) -> Result<bool, DbError> {
    let made = service_credentials::table
        .filter(service_credentials::operation.eq(operation))
        .select(service_credentials::id);
    Ok(diesel::select(diesel::dsl::exists(made)).get_result(conn)?)
}

/// Tells the sequence of the change, for whoever waits until every node has applied it.
pub fn create(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    new: &NewCredential,
) -> Result<i64, DbError> {
    conn.transaction(|conn| {
        let working: i64 = service_credentials::table
            .filter(service_credentials::revoked_at.is_null())
            .count()
            .get_result(conn)?;
        if working >= WORKING_MAX {
            return Err(DbError::Conflict(TOO_MANY.to_owned()));
        }
        diesel::insert_into(service_credentials::table)
            .values((
                service_credentials::id.eq(new.id.as_str()),
                service_credentials::name.eq(&new.name),
                service_credentials::digest.eq(new.digest.as_bytes()),
                service_credentials::created_at.eq(now),
                service_credentials::operation.eq(new.operation),
            ))
            .execute(conn)?;
        let target = target(new.id.as_str(), &new.name);
        let entry = AuditEntry::new(Action::ServiceCredentialCreated, target);
        audit_log::insert(conn, actor, now, &entry)?;
        key_changes::drawn_here(conn)
    })
}
