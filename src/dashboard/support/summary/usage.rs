//! What was used, by a workspace and of the plan, as plain text for a ticket.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::number;
use crate::dashboard::support::summary::Draft;
use crate::dashboard::support::summary::Summary;
use crate::dashboard::support::visit::Visit;
use crate::db::usage::KeyShare;
use crate::db::usage::MeterShare;

/// Thirty days of a workspace, a category, or a key, as their page has them.
pub struct OfUsage<'a> {
    pub whose: &'a str,
    /// "Category: production"
    pub filter: Option<String>,
    /// The chart in words.
    pub chart: String,
    /// Name and words.
    pub facts: [(&'static str, String); 5],
    /// The busiest first.
    pub keys: &'a [KeyShare],
    pub meters: &'a [MeterShare],
}

pub fn of_usage(visit: &Visit, of: &OfUsage<'_>, now: DateTime<Utc>) -> Summary {
    let title = format!("Usage of {} in 30 days", of.whose);
    let mut draft = Draft::new(visit, now, title)
        .fact("Filter", of.filter.as_deref().unwrap_or_default())
        .fact("Day by day", &of.chart);
    for (name, words) in &of.facts {
        draft = draft.fact(name, words);
    }
    let keys = of.keys.iter().map(|key| {
        let requests = number::counted(key.requests, "request", "requests");
        let failed = number::grouped(key.failed);
        format!("{} ({}): {requests}, {failed} failed", key.name, key.id)
    });
    let meters = of.meters.iter().map(|meter| {
        let (api, app) = (number::grouped(meter.api), number::grouped(meter.app));
        format!("{}: {api} with keys, {app} in the app", meter.label)
    });
    draft
        .list("By key, the busiest first", keys)
        .list("Meters", meters)
        .end()
}

/// The plan and where it went, as its page has it.
pub struct OfPlan<'a> {
    pub plan: &'a str,
    /// "Requests per second", "50"
    pub rates: &'a [(&'static str, String)],
    /// Each in a sentence.
    pub meters: Vec<String>,
    /// "Imports, Default: 42"
    pub places: Vec<String>,
}

pub fn of_plan(visit: &Visit, of: &OfPlan<'_>, now: DateTime<Utc>) -> Summary {
    let title = format!("Plan and usage of {}", visit.account_name);
    let mut draft = Draft::new(visit, now, title).fact("Plan", of.plan);
    for (name, words) in of.rates {
        draft = draft.fact(name, words);
    }
    draft
        .list("What the plan counts", of.meters.iter().cloned())
        .list("By workspace", of.places.iter().cloned())
        .end()
}
