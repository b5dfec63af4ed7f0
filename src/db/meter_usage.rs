//! What was used of each meter, by day, workspace and source: the rollups of the plan.

mod add;
mod forget;

pub use crate::db::meter_usage::add::MeterDay;
pub use crate::db::meter_usage::add::add;
pub use crate::db::meter_usage::forget::forget_before;

/// In the place of a workspace where the app tells none.
pub const NO_WORKSPACE: i32 = 0;
