//! What the demo's company has bought.

use diesel::PgConnection;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::meters;
use crate::db::schema::plan_meters;
use crate::db::schema::plans;

pub const PLAN: &str = "demo-team";
const NAME: &str = "Team";

/// Slug, label, kind, and what the plan allows: enough for the demo's traffic, with one meter that
/// is nearly used towards the end of a month.
const METERS: [(&str, &str, &str, Option<i64>); 6] = [
    ("requests", "Requests", "period", None),
    ("credits", "Credits", "period", Some(1_000_000)),
    ("uploads", "Uploads", "period", Some(60_000)),
    ("chats", "Chats", "period", Some(250_000)),
    ("imports", "Knowledge base imports", "period", Some(IMPORTS)),
    ("storage", "Storage in bytes", "level", Some(5_000_000_000)),
];
const IMPORTS: i64 = 25_000;

/// Meters that a catalogue has named already stay as it named them.
pub fn create(conn: &mut PgConnection) -> Result<(), DbError> {
    let named = METERS.map(|(slug, label, kind, _)| {
        (
            meters::slug.eq(slug),
            meters::label.eq(label),
            meters::kind.eq(kind),
        )
    });
    diesel::insert_into(meters::table)
        .values(named.to_vec())
        .on_conflict_do_nothing()
        .execute(conn)?;
    diesel::insert_into(plans::table)
        .values((plans::slug.eq(PLAN), plans::name.eq(NAME)))
        .on_conflict_do_nothing()
        .execute(conn)?;
    let capped: Vec<_> = METERS
        .into_iter()
        .filter_map(|(slug, _, _, cap)| {
            let cap = cap?;
            Some((
                plan_meters::plan.eq(PLAN),
                plan_meters::meter.eq(slug),
                plan_meters::amount.eq(cap),
            ))
        })
        .collect();
    diesel::insert_into(plan_meters::table)
        .values(capped)
        .on_conflict_do_nothing()
        .execute(conn)?;
    Ok(())
}
