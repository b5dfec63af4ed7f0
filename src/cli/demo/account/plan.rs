//! What the demo's company has bought.

use anyhow::bail;
use diesel::PgConnection;

use crate::cli::demo::account::Making;
use crate::db::catalogue;
use crate::domain::actor::Actor;
use crate::domain::catalogue::BUILT_IN;

pub const PLAN: &str = "demo-team";

/// Enough for the demo's traffic, with one meter that is nearly used towards the end of a month.
const IN_CATALOGUE: &str = r#"
# What the demo's company has bought.

[[plan]]
slug = "demo-team"
name = "Team"

[plan.meters]
credits = 1000000
uploads = 60000
chats = 250000
imports = 25000
storage = 5000000000
"#;

/// Adds the plan to the catalogue in force.
pub fn create(conn: &mut PgConnection, actor: &Actor, making: &Making<'_>) -> anyhow::Result<()> {
    let latest = catalogue::latest(conn)?;
    let mut document = latest.map_or_else(|| BUILT_IN.to_owned(), |latest| latest.document);
    document.push_str(IN_CATALOGUE);
    if let Err(faults) = catalogue::apply(conn, actor, making.now, &document)? {
        bail!("the demo's plan does not fit into the catalogue: {faults}");
    }
    Ok(())
}
