//! What the operator sells, and how many accounts have it.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::accounts;
use crate::db::schema::meters;
use crate::db::schema::plan_meters;
use crate::db::schema::plans;

/// More plans are not listed.
pub const LISTED_MAX: i64 = 200;
/// More caps are not read: no catalogue has as many.
const CAPS_MAX: i64 = 10_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldPlan {
    pub slug: String,
    pub name: String,
    /// Requests of a whole account; `None` is without a limit.
    pub per_second: Option<i64>,
    pub per_minute: Option<i64>,
    /// Whether the catalogue in force has it. One that it has no more is kept for who has it.
    pub offered: bool,
    /// The label of a meter and the most of it.
    pub caps: Vec<(String, i64)>,
    pub accounts: i64,
}

type Row = (String, String, Option<i64>, Option<i64>, bool);

/// Those that are offered in the catalogue's order, then those that are not any more.
pub fn sold(conn: &mut PgConnection) -> Result<Vec<SoldPlan>, DbError> {
    let rows: Vec<Row> = plans::table
        .order((plans::offered.desc(), plans::position, plans::slug))
        .limit(LISTED_MAX)
        .select((
            plans::slug,
            plans::name,
            plans::per_second,
            plans::per_minute,
            plans::offered,
        ))
        .load(conn)?;
    let mut caps = caps(conn)?;
    let counts: Vec<(String, i64)> = accounts::table
        .group_by(accounts::plan)
        .select((accounts::plan, count_star()))
        .load(conn)?;
    let counts: HashMap<String, i64> = counts.into_iter().collect();
    let plan = |(slug, name, per_second, per_minute, offered): Row| SoldPlan {
        caps: caps.remove(&slug).unwrap_or_default(),
        accounts: counts.get(&slug).copied().unwrap_or_default(),
        slug,
        name,
        per_second,
        per_minute,
        offered,
    };
    Ok(rows.into_iter().map(plan).collect())
}

/// By the slug of their plan.
fn caps(conn: &mut PgConnection) -> Result<HashMap<String, Vec<(String, i64)>>, DbError> {
    let rows: Vec<(String, String, i64)> = plan_meters::table
        .inner_join(meters::table.on(meters::slug.eq(plan_meters::meter)))
        .order((plan_meters::plan, meters::label))
        .limit(CAPS_MAX)
        .select((plan_meters::plan, meters::label, plan_meters::amount))
        .load(conn)?;
    let mut caps: HashMap<String, Vec<(String, i64)>> = HashMap::new();
    for (plan, label, amount) in rows {
        caps.entry(plan).or_default().push((label, amount));
    }
    Ok(caps)
}
