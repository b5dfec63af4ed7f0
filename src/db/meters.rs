//! What the catalogue says can be counted.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::db::DbError;
use crate::db::corrupt;
use crate::db::schema::accounts;
use crate::db::schema::meters;
use crate::db::schema::plan_meters;
use crate::domain::account::AccountId;
use crate::domain::plan::MeterKind;

/// Every meter, by slug; there are few.
pub fn kinds(conn: &mut PgConnection) -> Result<BTreeMap<String, MeterKind>, DbError> {
    let rows: Vec<(String, String)> = meters::table
        .select((meters::slug, meters::kind))
        .load(conn)?;
    rows.into_iter()
        .map(|(slug, kind)| {
            let kind = MeterKind::parse(&kind).ok_or_else(|| corrupt("meters", "kind", &kind))?;
            Ok((slug, kind))
        })
        .collect()
}

/// Those of `of` that exist, each with the meters that its plan caps.
pub fn capped(
    conn: &mut PgConnection,
    of: &BTreeSet<AccountId>,
) -> Result<BTreeMap<AccountId, BTreeSet<String>>, DbError> {
    let mut capped: BTreeMap<AccountId, BTreeSet<String>> = BTreeMap::new();
    if of.is_empty() {
        return Ok(capped);
    }
    let ids: Vec<i32> = of.iter().map(|account| account.0).collect();
    let rows: Vec<(i32, Option<String>)> = accounts::table
        .left_join(plan_meters::table.on(plan_meters::plan.eq(accounts::plan)))
        .filter(accounts::id.eq_any(ids))
        .select((accounts::id, plan_meters::meter.nullable()))
        .load(conn)?;
    for (account, meter) in rows {
        let meters = capped.entry(AccountId(account)).or_default();
        meters.extend(meter);
    }
    Ok(capped)
}
