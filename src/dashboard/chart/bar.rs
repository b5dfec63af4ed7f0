//! One day: its two heights, its words and its link.

use chrono::NaiveDate;

use crate::dashboard::chart::DAYS;
use crate::dashboard::chart::DayUsage;
use crate::dashboard::chart::scale::Scale;
use crate::dashboard::chart::scale::px;
use crate::dashboard::number;

/// How much of a day's place its bar takes, and the empty part before it.
const BAR_SHARE: f64 = 0.72;
const BAR_START: f64 = 0.14;

#[derive(Clone, Debug)]
pub struct Bar {
    pub day: NaiveDate,
    pub succeeded: i64,
    pub failed: i64,
    pub href: String,
    index: u32,
    baseline: f64,
    succeeded_px: f64,
    failed_px: f64,
}

impl Bar {
    pub(super) fn new(index: u32, usage: &DayUsage, scale: &Scale, href: String) -> Self {
        Self {
            day: usage.day,
            succeeded: usage.succeeded,
            failed: usage.failed,
            href,
            index,
            baseline: scale.baseline(),
            succeeded_px: scale.height_of(usage.succeeded),
            failed_px: scale.height_of(usage.failed),
        }
    }

    pub fn total(&self) -> i64 {
        self.succeeded.saturating_add(self.failed)
    }

    pub fn is_today(&self) -> bool {
        self.index + 1 == DAYS
    }

    /// "Tue 4 Nov: 1,911 requests, 23 failed"
    pub fn words(&self) -> String {
        let so_far = if self.is_today() { " so far" } else { "" };
        let requests = number::counted(self.total(), "request", "requests");
        let failed = number::grouped(self.failed);
        format!(
            "{}{so_far}: {requests}, {failed} failed",
            self.day.format("%a %-d %b")
        )
    }

    pub fn date(&self) -> String {
        self.day.format("%a %-d %b %Y").to_string()
    }

    /// Under the baseline: one day a week, and today.
    pub fn label(&self) -> Option<String> {
        match DAYS - 1 - self.index {
            0 => Some("Today".to_owned()),
            back if back % 7 == 0 => Some(self.day.format("%-d %b").to_string()),
            _ => None,
        }
    }

    pub fn succeeded_words(&self) -> String {
        number::grouped(self.succeeded)
    }

    pub fn failed_words(&self) -> String {
        number::grouped(self.failed)
    }

    pub fn total_words(&self) -> String {
        number::grouped(self.total())
    }

    // Geometry, as SVG attributes: x in percent, so that the drawing is as wide as its place
    // without stretching its text; y in pixels.

    pub fn slot_x(&self) -> String {
        percent(f64::from(self.index) / f64::from(DAYS))
    }

    pub fn x(&self) -> String {
        percent((f64::from(self.index) + BAR_START) / f64::from(DAYS))
    }

    pub fn x_end(&self) -> String {
        percent((f64::from(self.index) + BAR_START + BAR_SHARE) / f64::from(DAYS))
    }

    pub fn middle(&self) -> String {
        percent((f64::from(self.index) + 0.5) / f64::from(DAYS))
    }

    pub fn width(&self) -> String {
        percent(BAR_SHARE / f64::from(DAYS))
    }

    pub fn succeeded_y(&self) -> String {
        px(self.baseline - self.succeeded_px)
    }

    pub fn succeeded_height(&self) -> String {
        px(self.succeeded_px)
    }

    pub fn failed_y(&self) -> String {
        px(self.baseline - self.succeeded_px - self.failed_px)
    }

    pub fn failed_height(&self) -> String {
        px(self.failed_px)
    }

    /// The line of surface colour that parts the two: it takes from the lower one, so that a sliver
    /// of failures stays whole.
    pub fn gap_y(&self) -> Option<String> {
        let both = self.succeeded > 0 && self.failed > 0;
        both.then(|| px(self.baseline - self.succeeded_px + 1.0))
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{}%", px(share * 100.0))
}
