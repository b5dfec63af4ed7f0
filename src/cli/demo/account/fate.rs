//! What befell a key after it was made.
//!
//! The console cannot disable or rotate a key in the past, and no log row is as old as a key that
//! has been idle for longer than rows are kept; so these are written here, with the audit row that
//! belongs to them.

use std::net::IpAddr;
use std::net::Ipv4Addr;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::prelude::*;
use ipnet::IpNet;
use serde_json::Value;
use serde_json::json;

use crate::cli::demo::account::Making;
use crate::cli::demo::account::Stage;
use crate::cli::demo::cast::CastKey;
use crate::cli::demo::cast::Fate;
use crate::crypto::digest::PEPPER_VERSION;
use crate::crypto::key_secret::PlainKey;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::Revocation;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::key_use;
use crate::db::key_use::KeyRequests;
use crate::db::key_use::KeyUse;
use crate::db::schema;
use crate::domain::api_key::ApiKeyId;
use crate::domain::audit::Action;

/// The secret that a key is made with, and the one that a rotation brings.
const FIRST: i16 = 1;
const SECOND: i16 = 2;

pub fn befall(
    conn: &mut PgConnection,
    making: &Making<'_>,
    stage: &Stage,
    one: (&CastKey, ApiKeyId),
) -> anyhow::Result<()> {
    let (key, id) = one;
    match key.fate {
        Fate::Kept => {}
        Fate::Disabled { ago_h } => disable(conn, stage, one, making.ago(ago_h))?,
        Fate::Revoked { ago_h, reason } => {
            let revocation = Revocation {
                account_id: stage.account,
                workspace_id: stage.workspace(key.place),
                id,
                reason: Some(reason),
            };
            let actor = stage.actor(key.creator);
            api_keys::revoke(conn, &actor, making.ago(ago_h), &revocation)?;
        }
        Fate::Rotating { ago_h, left_h } => {
            let retires_at = making.now + TimeDelta::hours(left_h);
            let second = PlainKey::generate(making.prefix, id, making.random)?;
            let digest = making.pepper.digest(second.expose());
            let secret = (digest.as_bytes(), second.last_four());
            rotate(conn, stage, one, (making.ago(ago_h), retires_at), secret)?;
        }
        Fate::LongIdle { ago_h, requests } => {
            let used = KeyUse {
                account: stage.account,
                key: id,
                generation: FIRST,
                requests,
                first_at: making.ago(key.age_h - 1),
                last_at: making.ago(ago_h),
                last_ip: Some(IpNet::from(IpAddr::from(Ipv4Addr::new(198, 51, 100, 9)))),
            };
            key_use::note(conn, &[used], &KeyRequests::new())?;
        }
    }
    Ok(())
}

fn disable(
    conn: &mut PgConnection,
    stage: &Stage,
    (key, id): (&CastKey, ApiKeyId),
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    use schema::api_keys::dsl;
    diesel::update(dsl::api_keys.find((stage.account.0, id.as_str())))
        .set((
            dsl::disabled_at.eq(at),
            dsl::disabled_by.eq(stage.creator(key.creator)),
            dsl::version.eq(dsl::version + 1),
        ))
        .execute(conn)?;
    let facts = json!({ "disabled_at": at });
    tell(conn, stage, (key, id), (at, Action::KeyDisabled, facts))
}

fn rotate(
    conn: &mut PgConnection,
    stage: &Stage,
    (key, id): (&CastKey, ApiKeyId),
    (at, retires_at): (DateTime<Utc>, DateTime<Utc>),
    (digest, last_four): (&[u8], String),
) -> Result<(), DbError> {
    use schema::key_secrets::dsl;
    diesel::update(dsl::key_secrets.find((stage.account.0, id.as_str(), FIRST)))
        .set(dsl::retires_at.eq(retires_at))
        .execute(conn)?;
    diesel::insert_into(dsl::key_secrets)
        .values((
            dsl::account_id.eq(stage.account.0),
            dsl::key_id.eq(id.as_str()),
            dsl::generation.eq(SECOND),
            dsl::digest.eq(digest),
            dsl::pepper_version.eq(PEPPER_VERSION),
            dsl::last_four.eq(last_four),
            dsl::created_at.eq(at),
        ))
        .execute(conn)?;
    let facts = json!({ "generation": SECOND, "old_secret_retires_at": retires_at });
    tell(conn, stage, (key, id), (at, Action::KeyRotated, facts))
}

/// What the old secret of a rotated key had done by then: known once the history is written.
pub fn settle_rotations(conn: &mut PgConnection) -> Result<(), DbError> {
    diesel::sql_query(
        "update key_secrets as old
            set requests_before = (
                select count(*) from request_log r
                 where r.key_id = old.key_id and r.account_id = old.account_id
                   and r.generation = old.generation and r.at < new.created_at)
           from key_secrets as new
          where new.account_id = old.account_id and new.key_id = old.key_id
            and new.generation = old.generation + $1",
    )
    .bind::<diesel::sql_types::SmallInt, _>(SECOND - FIRST)
    .execute(conn)?;
    Ok(())
}

fn tell(
    conn: &mut PgConnection,
    stage: &Stage,
    (key, id): (&CastKey, ApiKeyId),
    (at, action, facts): (DateTime<Utc>, Action, Value),
) -> Result<(), DbError> {
    let target = Target {
        kind: "key",
        id: id.as_str(),
        label: key.name,
    };
    let entry = AuditEntry::new(action, target)
        .in_workspace(stage.account, stage.workspace(key.place))
        .after(facts);
    audit_log::insert(conn, &stage.actor(key.creator), at, &entry)
}
