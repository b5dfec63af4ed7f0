//! The demo's keys, as the create form makes them.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::PgConnection;

use crate::cli::demo::account::Making;
use crate::cli::demo::account::Stage;
use crate::cli::demo::cast::CastKey;
use crate::cli::demo::cast::Fate;
use crate::cli::demo::cast::Lifetime;
use crate::cli::demo::cast::Scope;
use crate::cli::demo::history::plan::Subject;
use crate::crypto::key_secret;
use crate::crypto::key_secret::PlainKey;
use crate::db::api_keys;
use crate::db::api_keys::NewApiKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::DenyReason;
use crate::domain::grant;
use crate::domain::grant::Grant;
use crate::domain::grant::Permissions;
use crate::domain::limit::KeyLimits;
use crate::domain::network;
use crate::domain::network::Network;
use crate::domain::random;

pub fn create(
    conn: &mut PgConnection,
    making: &Making<'_>,
    stage: &Stage,
    key: &CastKey,
) -> anyhow::Result<ApiKeyId> {
    let plain = plain(making, key)?;
    let id = key_secret::key_id_of(making.prefix, &plain)
        .ok_or_else(|| anyhow::anyhow!("demo.json holds no key for “{}”", key.slug))?;
    let new = NewApiKey {
        account_id: stage.account,
        workspace_id: stage.workspace(key.place),
        id,
        name: key.name.parse()?,
        category: key.category.to_owned(),
        note: key.note.to_owned(),
        grant: grant(stage, key.scope)?,
        limits: KeyLimits {
            daily: key.daily,
            monthly: key.monthly,
            ..KeyLimits::default()
        },
        network: Network {
            ips: network::parse_ips(key.allowed_ips)?,
            ..Network::default()
        },
        created_by: stage.creator(key.creator),
        expires_at: expires_at(making, key),
        operation: random::uuid(making.random)?,
        digest: making.pepper.digest(&plain),
        last_four: last_four(&plain),
    };
    let actor = stage.actor(key.creator);
    api_keys::insert(conn, &actor, making.ago(key.age_h), &new)?;
    Ok(id)
}

fn grant(stage: &Stage, scope: Scope) -> anyhow::Result<Grant> {
    Ok(match scope {
        Scope::Preset(slug) => {
            let preset = stage.presets.iter().find(|preset| preset.slug == slug);
            let preset = preset.ok_or_else(|| anyhow::anyhow!("there is no preset “{slug}”"))?;
            Grant::preset(slug, preset.version)
        }
        Scope::Custom(permissions) => Grant {
            permissions: Permissions::new(permissions.iter().copied()),
            ..Grant::preset(grant::CUSTOM, 1)
        },
        Scope::Inherit => Grant::preset(grant::INHERIT, 1),
    })
}

/// A kept one where the demo uses the key itself, else one that nobody will ever see.
fn plain(making: &Making<'_>, key: &CastKey) -> anyhow::Result<String> {
    if let Some(plain) = making.kept.key(key.slug) {
        return Ok(plain.to_owned());
    }
    let id = ApiKeyId::generate(making.random)?;
    let plain = PlainKey::generate(making.prefix, id, making.random)?;
    Ok(plain.expose().to_owned())
}

fn last_four(plain: &str) -> String {
    plain[plain.len() - 4..].to_owned()
}

fn expires_at(making: &Making<'_>, key: &CastKey) -> Option<DateTime<Utc>> {
    match key.lifetime {
        Lifetime::Never => None,
        Lifetime::EndsIn { hours } => Some(making.now + TimeDelta::hours(hours)),
        Lifetime::Ended { ago_h } => Some(making.ago(ago_h)),
    }
}

/// How the key's calls went, if it had any.
pub fn subject(
    making: &Making<'_>,
    stage: &Stage,
    (key, id): (&'static CastKey, ApiKeyId),
) -> Option<Subject> {
    let expired = match key.lifetime {
        Lifetime::Ended { ago_h } => Some((making.ago(ago_h), DenyReason::Expired)),
        _ => None,
    };
    let stopped = match key.fate {
        Fate::Disabled { ago_h } => Some((making.ago(ago_h), DenyReason::Disabled)),
        Fate::Revoked { ago_h, .. } => Some((making.ago(ago_h), DenyReason::Revoked)),
        _ => None,
    };
    let rotated_at = match key.fate {
        Fate::Rotating { ago_h, .. } => Some(making.ago(ago_h)),
        _ => None,
    };
    Some(Subject {
        account: stage.account,
        workspace: stage.workspace(key.place),
        key: id,
        traffic: key.traffic?,
        created_at: making.ago(key.age_h),
        ended: stopped.or(expired),
        rotated_at,
    })
}
