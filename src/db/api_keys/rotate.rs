//! A new secret for a key that stays what it is.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::crypto::digest::Digest;
use crate::crypto::digest::PEPPER_VERSION;
use crate::db::DbError;
use crate::db::api_keys::overlap;
use crate::db::api_keys::switch::KeyPlace;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::key_changes;
use crate::db::schema::key_secrets;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::KeySecret;
use crate::domain::audit::Action;
use crate::domain::key_state::KeyState;
use crate::domain::overlap::Overlap;

/// `DbError::Conflict` with this: the form made another key's secret before.
pub const SECRET_OPERATION_REPEATED: &str = "key_secrets_operation_key";

/// Rows of ended secrets that a key keeps, newest first; older ones tell nothing any more.
const ENDED_SECRETS_KEPT: i16 = 8;

/// Which of two working secrets ends when a third is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// The one that retires already.
    Old,
    /// The one that was current, say because it was never stored or has leaked.
    Current,
}

pub struct Rotation {
    pub place: KeyPlace,
    /// The one that was looked at.
    pub version: i32,
    pub overlap: Overlap,
    /// Asked for while two secrets work and one of them is to go on.
    pub dropped: Option<Dropped>,
    /// One-use id of the form.
    pub operation: Uuid,
    pub digest: Digest,
    pub last_four: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotated {
    /// By the change `seq`. The secret before works until `ends_at`.
    Done { seq: i64, ends_at: DateTime<Utc> },
    /// By the same form, sent earlier.
    Before,
    /// Nothing was done: the key is revoked, expired or disabled.
    NotInUse,
    /// Nothing was done: the key is no longer the version that was looked at.
    Changed,
    /// Nothing was done: two secrets work, and it was not said which of them to drop.
    WhichToDrop,
}

/// Makes a secret that is current from now on. At most one earlier secret goes on working beside
/// it, until the overlap's end, which is never after the key's own.
pub fn rotate(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    rotation: &Rotation,
) -> Result<Rotated, DbError> {
    conn.transaction(|conn| {
        let key = overlap::locked(conn, rotation.place)?;
        if is_made(conn, rotation)? {
            return Ok(Rotated::Before);
        }
        if key.version != rotation.version {
            return Ok(Rotated::Changed);
        }
        match key.times.state(now) {
            KeyState::Active | KeyState::Rotating => {}
            _ => return Ok(Rotated::NotInUse),
        }
        let ended_at = overlap::ended_at(conn, now)?;
        let current = key.secrets.last().ok_or(DbError::NotFound)?;
        let kept = match (key.retiring(now), rotation.dropped, rotation.overlap) {
            (_, _, Overlap::Now) => None,
            (None, ..) | (Some(_), Some(Dropped::Old), _) => Some(current),
            (Some(old), Some(Dropped::Current), _) => Some(old),
            (Some(_), None, _) => return Ok(Rotated::WhichToDrop),
        };
        let expires_at = key.times.expires_at;
        let ends_at = match kept {
            Some(_) => rotation.overlap.ends_at(now, expires_at),
            None => ended_at,
        };
        for secret in key.secrets.iter().filter(|secret| secret.works(now)) {
            let stays = kept.is_some_and(|kept| kept.generation == secret.generation);
            let retires_at = if stays { ends_at } else { ended_at };
            retire(conn, rotation, (secret, retires_at))?;
        }
        let generation = current.generation + 1;
        insert_secret(conn, now, rotation, generation)?;
        forget_ended(conn, rotation, (generation, ended_at))?;
        overlap::bump_version(conn, rotation.place)?;
        audit(conn, actor, now, (&key, rotation, generation, ends_at))?;
        let seq = key_changes::drawn_here(conn)?;
        Ok(Rotated::Done { seq, ends_at })
    })
}

/// Whether this form has made a secret of this key.
fn is_made(conn: &mut PgConnection, rotation: &Rotation) -> Result<bool, DbError> {
    let (account, _, id) = rotation.place;
    let made = key_secrets::table
        .filter(key_secrets::account_id.eq(account.0))
        .filter(key_secrets::key_id.eq(id.as_str()))
        .filter(key_secrets::operation.eq(rotation.operation));
    Ok(diesel::select(diesel::dsl::exists(made)).get_result(conn)?)
}

/// Requests are counted anew from here.
fn retire(
    conn: &mut PgConnection,
    rotation: &Rotation,
    (secret, retires_at): (&KeySecret, DateTime<Utc>),
) -> Result<(), DbError> {
    let (account, _, id) = rotation.place;
    diesel::update(key_secrets::table.find((account.0, id.as_str(), secret.generation)))
        .set((
            key_secrets::retires_at.eq(retires_at),
            key_secrets::requests_before.eq(key_secrets::requests.nullable()),
            key_secrets::extended_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)?;
    Ok(())
}

fn insert_secret(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    rotation: &Rotation,
    generation: i16,
) -> Result<(), DbError> {
    let (account, _, id) = rotation.place;
    diesel::insert_into(key_secrets::table)
        .values((
            key_secrets::account_id.eq(account.0),
            key_secrets::key_id.eq(id.as_str()),
            key_secrets::generation.eq(generation),
            key_secrets::digest.eq(rotation.digest.as_bytes()),
            key_secrets::pepper_version.eq(PEPPER_VERSION),
            key_secrets::last_four.eq(&rotation.last_four),
            key_secrets::created_at.eq(now),
            key_secrets::operation.eq(rotation.operation),
        ))
        .execute(conn)?;
    Ok(())
}

/// A node reads every secret of a key, so a key that is rotated for years must not gather them.
fn forget_ended(
    conn: &mut PgConnection,
    rotation: &Rotation,
    (generation, ended_at): (i16, DateTime<Utc>),
) -> Result<(), DbError> {
    let (account, _, id) = rotation.place;
    let old = key_secrets::table
        .filter(key_secrets::account_id.eq(account.0))
        .filter(key_secrets::key_id.eq(id.as_str()))
        .filter(key_secrets::generation.lt(generation - ENDED_SECRETS_KEPT))
        .filter(key_secrets::retires_at.le(ended_at));
    diesel::delete(old).execute(conn)?;
    Ok(())
}

fn audit(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (key, rotation, generation, ends_at): (&ApiKey, &Rotation, i16, DateTime<Utc>),
) -> Result<(), DbError> {
    let (account, workspace, id) = rotation.place;
    let target = Target {
        kind: "key",
        id: id.as_str(),
        label: &key.name,
    };
    let dropped = rotation.dropped.map(|dropped| match dropped {
        Dropped::Old => "old",
        Dropped::Current => "current",
    });
    let entry = AuditEntry {
        before: Some(json!({ "generation": generation - 1 })),
        ..AuditEntry::new(Action::KeyRotated, target)
            .in_workspace(account, workspace)
            .after(json!({
                "generation": generation,
                "old_secret_retires_at": ends_at,
                "dropped": dropped,
            }))
    };
    audit_log::insert(conn, actor, now, &entry)
}
