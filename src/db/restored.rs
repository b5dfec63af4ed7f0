//! After an older copy of the database was restored: what had ended since ends again.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;

use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::ALREADY_REVOKED;
use crate::db::api_keys::KeyPlace;
use crate::db::api_keys::NOTHING_TO_SWITCH;
use crate::db::api_keys::Revocation;
use crate::db::api_keys::Switch;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::schema::sessions;
use crate::db::service_credentials;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKeyId;
use crate::domain::audit::Action;

const REASON: &str = "it had ended before an older copy of the database was restored";

/// How a key that works in the copy ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Revoked,
    Disabled,
}

/// What was ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mended {
    pub revoked: usize,
    pub disabled: usize,
    pub credentials: usize,
    pub sessions: usize,
}

/// Ends keys as people do. What another node has ended meanwhile stays as it is.
pub fn end_keys(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    keys: &[(KeyPlace, End)],
) -> Result<Mended, DbError> {
    let mut mended = Mended::default();
    for (place, end) in keys {
        match (end_key(conn, now, *place, *end)?, end) {
            (false, _) => {}
            (true, End::Revoked) => mended.revoked += 1,
            (true, End::Disabled) => mended.disabled += 1,
        }
    }
    Ok(mended)
}

fn end_key(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    place: KeyPlace,
    end: End,
) -> Result<bool, DbError> {
    let (account_id, workspace_id, id) = place;
    let ended = match end {
        End::Revoked => {
            let revocation = Revocation {
                account_id,
                workspace_id,
                id,
                reason: Some(REASON),
            };
            api_keys::revoke(conn, &actor(), now, &revocation)
        }
        End::Disabled => api_keys::switch(conn, &actor(), now, place, Switch::Off),
    };
    match ended {
        Ok(_) => Ok(true),
        Err(DbError::NotFound) => Ok(false),
        Err(error)
            if error.is_conflict_on(ALREADY_REVOKED) || error.is_conflict_on(NOTHING_TO_SWITCH) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Ends credentials and every session: who was signed out since the copy was made is so again.
/// Notes what was done, together with what `end_keys` has done before.
pub fn finish(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    credentials: &[ApiKeyId],
    so_far: Mended,
) -> Result<Mended, DbError> {
    conn.transaction(|conn| {
        let mut mended = so_far;
        for id in credentials {
            match service_credentials::revoke(conn, &actor(), now, id.as_str()) {
                Ok(Some(_)) => mended.credentials += 1,
                Ok(None) | Err(DbError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        mended.sessions = diesel::delete(sessions::table).execute(conn)?;
        let target = Target {
            kind: "installation",
            id: "database",
            label: "the database",
        };
        let facts = json!({
            "keys_revoked": mended.revoked,
            "keys_disabled": mended.disabled,
            "service_credentials_revoked": mended.credentials,
            "sessions_ended": mended.sessions,
        });
        let entry = AuditEntry::new(Action::RestoreMended, target).after(facts);
        audit_log::insert(conn, &actor(), now, &entry)?;
        Ok(mended)
    })
}

fn actor() -> Actor {
    Actor::system("restore check")
}
