use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::catalogue::latest;
use crate::db::catalogue::store;
use crate::db::key_changes;
use crate::db::schema::accounts;
use crate::db::schema::catalogue_versions;
use crate::db::schema::meters;
use crate::db::schema::plans;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::catalogue::BUILT_IN;
use crate::domain::catalogue::Catalogue;
use crate::domain::catalogue::Document;
use crate::domain::catalogue::Fault;
use crate::domain::catalogue::Faults;

/// Taken before anything is read: one version after the other.
const LOCK: i64 = 0x6c61_7463_6361_7461;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// The same document is in force as this version.
    Unchanged { version: i32 },
    New {
        version: i32,
        /// The presets that have a new version, as `widget 2`.
        presets: Vec<String>,
        /// The sequence of the change, for whoever waits until every node has applied it.
        seq: i64,
    },
}

/// Puts the document in the place of the one in force, or tells all that is wrong with it.
pub fn apply(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    text: &str,
) -> Result<Result<Applied, Faults>, DbError> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(faults) => return Ok(Err(faults)),
    };
    conn.transaction(|conn| {
        diesel::select(pg_advisory_xact_lock(LOCK)).execute(conn)?;
        let before = latest(conn)?;
        let version = match &before {
            Some(known) if known.document == text => {
                let version = known.version;
                return Ok(Ok(Applied::Unchanged { version }));
            }
            Some(known) => known.version + 1,
            None => 1,
        };
        let faults = conflicts(conn, &document)?;
        if !faults.is_empty() {
            return Ok(Err(Faults(faults)));
        }
        let catalogue = &document.catalogue;
        store::meters(conn, catalogue)?;
        store::plans(conn, catalogue)?;
        let presets = store::presets(conn, now, catalogue)?;
        diesel::insert_into(catalogue_versions::table)
            .values((
                catalogue_versions::version.eq(version),
                catalogue_versions::document.eq(text),
                catalogue_versions::applied_at.eq(now),
                catalogue_versions::applied_by.eq(&actor.label),
            ))
            .execute(conn)?;
        let seq = key_changes::drawn_here(conn)?;
        let facts = facts(catalogue, version, &presets);
        let label = format!("version {version}");
        let target = Target {
            kind: "catalogue",
            id: "catalogue",
            label: &label,
        };
        let entry = AuditEntry {
            before: before.map(|known| json!({ "version": known.version })),
            ..AuditEntry::new(Action::CatalogueApplied, target).after(facts)
        };
        audit_log::insert(conn, actor, now, &entry)?;
        Ok(Ok(Applied::New {
            version,
            presets,
            seq,
        }))
    })
}

/// Applies the built-in catalogue where there is none yet. The caller holds the lock of the
/// migrations, so that two nodes do not both.
pub fn seed(conn: &mut PgConnection) -> Result<(), DbError> {
    if latest(conn)?.is_some() {
        return Ok(());
    }
    let now: DateTime<Utc> =
        diesel::select(diesel::dsl::now.into_sql::<Timestamptz>()).get_result(conn)?;
    if let Err(faults) = apply(conn, &Actor::system("Latchkey"), now, BUILT_IN)? {
        tracing::warn!(%faults, "the built-in catalogue does not fit; apply another");
    }
    Ok(())
}

fn facts(catalogue: &Catalogue, version: i32, presets: &[String]) -> serde_json::Value {
    json!({
        "version": version,
        "permissions": catalogue.permissions.len(),
        "presets": catalogue.presets.len(),
        "new_preset_versions": presets,
        "meters": catalogue.meters.len(),
        "plans": catalogue.plans.len(),
    })
}

/// What is valid by itself and does not fit what is there.
fn conflicts(conn: &mut PgConnection, document: &Document) -> Result<Vec<Fault>, DbError> {
    let catalogue = &document.catalogue;
    // Held to the end, so that no account takes a plan that is just being withdrawn.
    let known: Vec<String> = plans::table.select(plans::slug).for_update().load(conn)?;
    let missing: Vec<String> = known
        .into_iter()
        .filter(|slug| catalogue.plan(slug).is_none())
        .collect();
    let held: Vec<String> = accounts::table
        .filter(accounts::plan.eq_any(&missing))
        .select(accounts::plan)
        .distinct()
        .load(conn)?;
    let mut faults: Vec<Fault> = held
        .into_iter()
        .map(|slug| Fault {
            line: 1,
            words: format!("the plan “{slug}” is missing, and accounts have it"),
        })
        .collect();
    let kinds: Vec<(String, String)> = meters::table
        .select((meters::slug, meters::kind))
        .load(conn)?;
    for (slug, kind) in kinds {
        let changed = catalogue
            .meter(&slug)
            .is_some_and(|meter| meter.kind.as_str() != kind);
        if changed {
            let line = document.meter_lines.get(&slug).copied().unwrap_or(1);
            let words = format!("the meter “{slug}” counts as {kind}; make another meter instead");
            faults.push(Fault { line, words });
        }
    }
    faults.sort();
    Ok(faults)
}

diesel::define_sql_function! {
    fn pg_advisory_xact_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}
