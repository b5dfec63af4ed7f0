//! What plans cap.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::db::DbError;
use crate::db::schema::plan_meters;
use crate::db::schema::plans;
use crate::domain::plan::Plan;

type PlanRow = (String, String, Option<i64>, Option<i64>);

/// All plans, also those that are offered no longer; there are few.
pub fn plans(conn: &mut PgConnection) -> Result<Vec<Plan>, DbError> {
    let rows: Vec<PlanRow> = plans::table
        .select((
            plans::slug,
            plans::name,
            plans::per_second,
            plans::per_minute,
        ))
        .load(conn)?;
    let meters: Vec<(String, String, i64)> = plan_meters::table
        .select((plan_meters::plan, plan_meters::meter, plan_meters::amount))
        .load(conn)?;
    let mut of_plan: HashMap<String, Vec<(String, u64)>> = HashMap::new();
    for (plan, meter, amount) in meters {
        of_plan.entry(plan).or_default().push((meter, cap(amount)));
    }
    let plan = |(slug, name, per_second, per_minute): PlanRow| Plan {
        meters: of_plan.remove(&slug).unwrap_or_default(),
        slug,
        name,
        per_second: per_second.map(cap),
        per_minute: per_minute.map(cap),
    };
    Ok(rows.into_iter().map(plan).collect())
}

/// Never below 0, by the tables' constraints.
fn cap(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default()
}
