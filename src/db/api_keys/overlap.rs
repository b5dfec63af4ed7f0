//! The time in which two secrets of a key work, ended or put off.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use serde_json::json;

use crate::db::DbError;
use crate::db::api_keys::find;
use crate::db::api_keys::switch::KeyPlace;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::key_changes;
use crate::db::schema::api_keys;
use crate::db::schema::key_secrets;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKey;
use crate::domain::audit::Action;
use crate::domain::overlap;

/// `DbError::Conflict` with this: no old secret works any more.
pub const NO_OVERLAP: &str = "key_secrets_no_overlap";

/// `DbError::Conflict` with this: its end was put off before, or the key itself ends then.
pub const NO_SECOND_EXTENSION: &str = "key_secrets_no_second_extension";

/// Ends the old secret and tells the sequence of the change.
pub fn end_overlap(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    place: KeyPlace,
) -> Result<i64, DbError> {
    conn.transaction(|conn| {
        let key = locked(conn, place)?;
        let (generation, before) = old_secret(&key, now)?;
        let after = ended_at(conn, now)?;
        let (account, _, id) = place;
        diesel::update(key_secrets::table.find((account.0, id.as_str(), generation)))
            .set(key_secrets::retires_at.eq(after))
            .execute(conn)?;
        bump_version(conn, place)?;
        let action = (Action::KeyOverlapEnded, before, after);
        audit(conn, (actor, now), (&key, generation), action)?;
        key_changes::drawn_here(conn)
    })
}

/// Lets the old secret work for a day longer, once, and tells the sequence of the change and when
/// it ends now.
pub fn extend_overlap(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    place: KeyPlace,
) -> Result<(i64, DateTime<Utc>), DbError> {
    conn.transaction(|conn| {
        let key = locked(conn, place)?;
        let (generation, before) = old_secret(&key, now)?;
        let once = key
            .retiring(now)
            .is_some_and(|old| old.extended_at.is_none());
        let after = overlap::extended(before, key.times.expires_at)
            .filter(|_| once)
            .ok_or_else(|| DbError::Conflict(NO_SECOND_EXTENSION.to_owned()))?;
        let (account, _, id) = place;
        diesel::update(key_secrets::table.find((account.0, id.as_str(), generation)))
            .set((
                key_secrets::retires_at.eq(after),
                key_secrets::extended_at.eq(now),
            ))
            .execute(conn)?;
        bump_version(conn, place)?;
        let action = (Action::KeyOverlapExtended, before, after);
        audit(conn, (actor, now), (&key, generation), action)?;
        Ok((key_changes::drawn_here(conn)?, after))
    })
}

/// The key; from here to the commit nobody else changes it.
pub(super) fn locked(
    conn: &mut PgConnection,
    (account, workspace, id): KeyPlace,
) -> Result<ApiKey, DbError> {
    let _: i32 = api_keys::table
        .filter(api_keys::account_id.eq(account.0))
        .filter(api_keys::workspace_id.eq(workspace.0))
        .filter(api_keys::id.eq(id.as_str()))
        .select(api_keys::version)
        .for_update()
        .first(conn)?;
    find(conn, account, workspace, id)
}

/// The time for a secret that ends now. Nodes go by the database's clock and are never behind it;
/// were this node's clock ahead of it, they would take the secret for a moment longer.
pub(super) fn ended_at(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, DbError> {
    let database_now = diesel::dsl::now.into_sql::<Timestamptz>();
    let database_now: DateTime<Utc> = diesel::select(database_now).get_result(conn)?;
    Ok(now.min(database_now))
}

pub(super) fn bump_version(
    conn: &mut PgConnection,
    (account, _, id): KeyPlace,
) -> Result<(), DbError> {
    diesel::update(api_keys::table.find((account.0, id.as_str())))
        .set(api_keys::version.eq(api_keys::version + 1))
        .execute(conn)?;
    Ok(())
}

/// Its generation and end.
fn old_secret(key: &ApiKey, now: DateTime<Utc>) -> Result<(i16, DateTime<Utc>), DbError> {
    let old = key.retiring(now);
    old.and_then(|old| Some((old.generation, old.retires_at?)))
        .filter(|_| key.times.revoked_at.is_none())
        .ok_or_else(|| DbError::Conflict(NO_OVERLAP.to_owned()))
}

fn audit(
    conn: &mut PgConnection,
    (actor, now): (&Actor, DateTime<Utc>),
    (key, generation): (&ApiKey, i16),
    (action, before, after): (Action, DateTime<Utc>, DateTime<Utc>),
) -> Result<(), DbError> {
    let target = Target {
        kind: "key",
        id: key.id.as_str(),
        label: &key.name,
    };
    let entry = AuditEntry {
        before: Some(json!({ "generation": generation, "retires_at": before })),
        ..AuditEntry::new(action, target)
            .in_workspace(key.account_id, key.workspace_id)
            .after(json!({ "generation": generation, "retires_at": after }))
    };
    audit_log::insert(conn, actor, now, &entry)
}
