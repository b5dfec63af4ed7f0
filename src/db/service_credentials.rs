//! What the operator's back ends send to Latchkey's own API.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;

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

pub struct NewCredential {
    pub id: ApiKeyId,
    pub name: String,
    pub digest: Digest,
}

/// Tells the sequence of the change, for whoever waits until every node has applied it.
/// `Conflict("service_credentials_name_key")` if one that works has the name.
pub fn create(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    new: &NewCredential,
) -> Result<i64, DbError> {
    conn.transaction(|conn| {
        diesel::insert_into(service_credentials::table)
            .values((
                service_credentials::id.eq(new.id.as_str()),
                service_credentials::name.eq(&new.name),
                service_credentials::digest.eq(new.digest.as_bytes()),
                service_credentials::created_at.eq(now),
            ))
            .execute(conn)?;
        let target = Target {
            kind: "service_credential",
            id: new.id.as_str(),
            label: &new.name,
        };
        let entry = AuditEntry::new(Action::ServiceCredentialCreated, target);
        audit_log::insert(conn, actor, now, &entry)?;
        key_changes::drawn_here(conn)
    })
}
