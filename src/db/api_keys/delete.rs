//! Deleting a key that was never used.
//!
//! Calls reach the database some seconds after they were answered: a node writes them to its own
//! disk first. So no look at the database alone can tell that a key was never used, and a key that
//! is deleted while a node still holds its first call would lose its history. Therefore:
//!
//! 1. The key is switched off (`stop_to_delete`), and every node confirms it.
//! 2. Every node delivers what it decided before (`db::delivery`). From then on nothing about the
//!    key can be on its way.
//! 3. In one transaction the key is looked at again and deleted (`delete_stopped`), if it has still
//!    not been called; not even a refused call goes unrecorded. Else it is switched on again
//!    (`restore_stopped`) and is as it was.
//!
//! A key is switched off rather than revoked, because a revoked key gives up its name, and another
//! could have it before the key came back. Whoever stops half way leaves a key that is disabled,
//! as its page and the audit log say, and can be enabled or deleted again.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::db::DbError;
use crate::db::api_keys::overlap;
use crate::db::api_keys::switch;
use crate::db::api_keys::switch::KeyPlace;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::key_changes;
use crate::db::log_schema::request_log;
use crate::db::mirror;
use crate::db::schema::api_keys;
use crate::db::schema::limit_counters;
use crate::db::schema::usage_daily;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKey;
use crate::domain::audit::Action;

/// Why a key is off for a moment, in the audit log.
const TO_BE_DELETED: &str = "to be deleted";
const NOT_DELETED: &str = "not deleted";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopping {
    /// No node takes the key any more once it has applied the change.
    Stopped(Stopped),
    /// Nothing was done.
    Used,
}

/// A key that is off until it is known whether it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    pub seq: i64,
    pub created_at: DateTime<Utc>,
    version: i32,
    /// It was off or over before.
    was_so: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// By the change of this number.
    Done(i64),
    /// Nothing was done: it has been called meanwhile.
    Used,
    /// Nothing was done: somebody has changed it meanwhile.
    Changed,
}

/// Switches a key off that was never used as far as the database knows.
pub fn stop_to_delete(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    place: KeyPlace,
) -> Result<Stopping, DbError> {
    conn.transaction(|conn| {
        let key = overlap::locked(conn, place)?;
        if was_used(conn, &key)? {
            return Ok(Stopping::Used);
        }
        let was_so = key.times.revoked_at.is_some() || key.times.disabled_at.is_some();
        if was_so {
            return Ok(Stopping::Stopped(Stopped {
                seq: mirror::last_seq(conn)?,
                created_at: key.created_at,
                version: key.version,
                was_so,
            }));
        }
        write_disabled(conn, place, (Some(now), switch::person(actor)))?;
        let change = (Action::KeyDisabled, json!({ "disabled_at": now }));
        audit(conn, (actor, now), &key, (change, TO_BE_DELETED))?;
        Ok(Stopping::Stopped(Stopped {
            seq: key_changes::drawn_here(conn)?,
            created_at: key.created_at,
            version: key.version + 1,
            was_so,
        }))
    })
}

/// Deletes a key that was stopped and about which nothing is on its way.
pub fn delete_stopped(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (place, stopped): (KeyPlace, Stopped),
) -> Result<Deleted, DbError> {
    conn.transaction(|conn| {
        let key = overlap::locked(conn, place)?;
        if key.version != stopped.version {
            return Ok(Deleted::Changed);
        }
        if was_used(conn, &key)? {
            return Ok(Deleted::Used);
        }
        let (account, _, id) = place;
        let counters = limit_counters::table
            .filter(limit_counters::account_id.eq(account.0))
            .filter(limit_counters::subject.eq(id.as_str()));
        diesel::delete(counters).execute(conn)?;
        diesel::delete(api_keys::table.find((account.0, id.as_str()))).execute(conn)?;
        let change = (Action::KeyDeleted, Value::Null);
        audit(conn, (actor, now), &key, (change, "never used"))?;
        Ok(Deleted::Done(key_changes::drawn_here(conn)?))
    })
}

/// The key is as it was before it was stopped, unless somebody has changed it since: the number of
/// the change that made it so, if it took one.
pub fn restore_stopped(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    (place, stopped): (KeyPlace, Stopped),
) -> Result<Option<i64>, DbError> {
    conn.transaction(|conn| {
        let key = overlap::locked(conn, place)?;
        if stopped.was_so || key.version != stopped.version {
            return Ok(None);
        }
        write_disabled(conn, place, (None, None))?;
        let change = (Action::KeyEnabled, json!({ "disabled_at": null }));
        audit(conn, (actor, now), &key, (change, NOT_DELETED))?;
        Ok(Some(key_changes::drawn_here(conn)?))
    })
}

/// Whether anything is recorded of the key, be it a refusal.
fn was_used(conn: &mut PgConnection, key: &ApiKey) -> Result<bool, DbError> {
    if key.was_used() {
        return Ok(true);
    }
    let (account, id) = (key.account_id.0, key.id.as_str());
    let counted = usage_daily::table
        .filter(usage_daily::account_id.eq(account))
        .filter(usage_daily::key_id.eq(id));
    let logged = request_log::table
        .filter(request_log::account_id.eq(account))
        .filter(request_log::key_id.eq(id));
    let counted: bool = diesel::select(diesel::dsl::exists(counted)).get_result(conn)?;
    Ok(counted || diesel::select(diesel::dsl::exists(logged)).get_result(conn)?)
}

fn write_disabled(
    conn: &mut PgConnection,
    (account, _, id): KeyPlace,
    (at, by): (Option<DateTime<Utc>>, Option<uuid::Uuid>),
) -> Result<(), DbError> {
    diesel::update(api_keys::table.find((account.0, id.as_str())))
        .set((
            api_keys::disabled_at.eq(at),
            api_keys::disabled_by.eq(by),
            api_keys::version.eq(api_keys::version + 1),
        ))
        .execute(conn)?;
    Ok(())
}

fn audit(
    conn: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    key: &ApiKey,
    ((action, after), reason): ((Action, Value), &str),
) -> Result<(), DbError> {
    let target = Target {
        kind: "key",
        id: key.id.as_str(),
        label: &key.name,
    };
    let before = json!({
        "name": key.name,
        "created_at": key.created_at,
        "disabled_at": key.times.disabled_at,
    });
    let entry = AuditEntry {
        before: Some(before),
        after: Some(after).filter(|after| !after.is_null()),
        reason: Some(reason),
        ..AuditEntry::new(action, target).in_workspace(key.account_id, key.workspace_id)
    };
    audit_log::insert(conn, actor, now, &entry)
}
