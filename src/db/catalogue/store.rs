//! A catalogue into rows. What it names no longer is kept and no longer offered.

use std::collections::BTreeSet;
use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::db::DbError;
use crate::db::schema::meters;
use crate::db::schema::plan_meters;
use crate::db::schema::plans;
use crate::db::schema::presets;
use crate::domain::catalogue::Catalogue;
use crate::domain::catalogue::Preset;
use crate::domain::grant;

pub fn meters(conn: &mut PgConnection, catalogue: &Catalogue) -> Result<(), DbError> {
    let rows: Vec<_> = catalogue
        .meters
        .iter()
        .map(|meter| {
            (
                meters::slug.eq(&meter.slug),
                meters::label.eq(&meter.label),
                meters::kind.eq(meter.kind.as_str()),
            )
        })
        .collect();
    diesel::insert_into(meters::table)
        .values(rows)
        .on_conflict(meters::slug)
        .do_update()
        .set(meters::label.eq(excluded(meters::label)))
        .execute(conn)?;
    Ok(())
}

pub fn plans(conn: &mut PgConnection, catalogue: &Catalogue) -> Result<(), DbError> {
    let named: Vec<&str> = catalogue
        .plans
        .iter()
        .map(|plan| plan.slug.as_str())
        .collect();
    diesel::update(plans::table.filter(plans::slug.ne_all(&named)))
        .set(plans::offered.eq(false))
        .execute(conn)?;
    let rate = |rate: Option<u64>| rate.map(amount);
    let rows: Vec<_> = (0..)
        .zip(&catalogue.plans)
        .map(|(position, plan)| {
            (
                plans::slug.eq(&plan.slug),
                plans::name.eq(&plan.name),
                plans::per_second.eq(rate(plan.per_second)),
                plans::per_minute.eq(rate(plan.per_minute)),
                plans::offered.eq(true),
                plans::position.eq::<i16>(position),
            )
        })
        .collect();
    diesel::insert_into(plans::table)
        .values(rows)
        .on_conflict(plans::slug)
        .do_update()
        .set((
            plans::name.eq(excluded(plans::name)),
            plans::per_second.eq(excluded(plans::per_second)),
            plans::per_minute.eq(excluded(plans::per_minute)),
            plans::offered.eq(true),
            plans::position.eq(excluded(plans::position)),
        ))
        .execute(conn)?;
    diesel::delete(plan_meters::table.filter(plan_meters::plan.eq_any(&named))).execute(conn)?;
    let caps: Vec<_> = catalogue
        .plans
        .iter()
        .flat_map(|plan| plan.meters.iter().map(move |cap| (plan, cap)))
        .map(|(plan, (meter, most))| {
            (
                plan_meters::plan.eq(&plan.slug),
                plan_meters::meter.eq(meter),
                plan_meters::amount.eq(amount(*most)),
            )
        })
        .collect();
    diesel::insert_into(plan_meters::table)
        .values(caps)
        .execute(conn)?;
    Ok(())
}

/// Gives presets whose permissions have changed a new version, and tells which. Their words follow
/// the catalogue without one: keys are held to permissions.
pub fn presets(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    catalogue: &Catalogue,
) -> Result<Vec<String>, DbError> {
    type Row = (String, i32, Vec<Option<String>>);
    let rows: Vec<Row> = presets::table
        .filter(presets::slug.ne_all([grant::CUSTOM, grant::INHERIT]))
        .distinct_on(presets::slug)
        .order((presets::slug, presets::version.desc()))
        .select((presets::slug, presets::version, presets::permissions))
        .load(conn)?;
    let known: HashMap<String, (i32, Vec<Option<String>>)> = rows
        .into_iter()
        .map(|(slug, version, permissions)| (slug, (version, permissions)))
        .collect();
    let named: Vec<&str> = catalogue
        .presets
        .iter()
        .map(|preset| preset.slug.as_str())
        .collect();
    let withdrawn = presets::table
        .filter(presets::slug.ne_all(&named))
        .filter(presets::offered);
    diesel::update(withdrawn)
        .set(presets::offered.eq(false))
        .execute(conn)?;
    let mut made = Vec::new();
    let mut rows = Vec::new();
    for (position, preset) in (0..).zip(&catalogue.presets) {
        let version = match known.get(&preset.slug) {
            Some((version, permissions)) if is_same(preset, permissions) => *version,
            other => {
                let version = other.map_or(1, |(version, _)| version + 1);
                made.push(format!("{} {version}", preset.slug));
                version
            }
        };
        rows.push((
            presets::slug.eq(&preset.slug),
            presets::version.eq(version),
            presets::label.eq(&preset.label),
            presets::summary.eq(&preset.summary),
            presets::cannot.eq(&preset.cannot),
            presets::permissions.eq(&preset.permissions),
            presets::offered.eq(true),
            presets::position.eq::<i16>(position),
            presets::created_at.eq(now),
        ));
    }
    diesel::insert_into(presets::table)
        .values(rows)
        .on_conflict((presets::slug, presets::version))
        .do_update()
        .set((
            presets::label.eq(excluded(presets::label)),
            presets::summary.eq(excluded(presets::summary)),
            presets::cannot.eq(excluded(presets::cannot)),
            presets::offered.eq(true),
            presets::position.eq(excluded(presets::position)),
        ))
        .execute(conn)?;
    Ok(made)
}

fn is_same(preset: &Preset, stored: &[Option<String>]) -> bool {
    let wanted: BTreeSet<&str> = preset.permissions.iter().map(String::as_str).collect();
    let stored: BTreeSet<&str> = stored.iter().flatten().map(String::as_str).collect();
    wanted == stored
}

fn amount(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
