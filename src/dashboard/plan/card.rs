//! The card: the plan's meters for the whole account, above the keys of one workspace.

use std::cmp::Reverse;

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::plan::meter_line::MeterLine;
use crate::db::plan_usage::PlanUsage;

/// Meters on the card; the page has them all.
const METERS_SHOWN: usize = 3;

/// The meter that comes first.
const FIRST: &str = "imports";

pub struct PlanCard {
    pub plan: String,
    pub account: String,
    pub lines: Vec<MeterLine>,
    /// Where the rest is, for those who may see it.
    pub usage_url: Option<String>,
    more: usize,
}

impl PlanCard {
    /// `None` where the catalogue counts nothing at all.
    pub fn new(
        usage: PlanUsage,
        account: &str,
        usage_url: Option<String>,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let mut meters = usage.meters;
        meters.retain(|meter| meter.cap.is_some() || meter.slug == FIRST);
        let lines = meters.into_iter().map(|meter| MeterLine::new(meter, now));
        let mut lines: Vec<MeterLine> = lines.collect();
        // Then what is short, so that it is not among those left out.
        lines.sort_by_key(|line| (line.usage.slug != FIRST, Reverse(line.tone())));
        if lines.is_empty() {
            return None;
        }
        let more = lines.len().saturating_sub(METERS_SHOWN);
        lines.truncate(METERS_SHOWN);
        Some(Self {
            plan: usage.name,
            account: account.to_owned(),
            lines,
            usage_url,
            more,
        })
    }

    /// The first line of those that begin anew each month.
    pub fn resetting(&self) -> Option<&MeterLine> {
        self.lines.iter().find(|line| !line.is_level())
    }

    pub fn link_words(&self) -> String {
        match self.more {
            0 => "By workspace".to_owned(),
            more => format!("By workspace, and {more} more"),
        }
    }
}
