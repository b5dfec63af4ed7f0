//! Thirty days as stacked bars, drawn on the server: the same numbers as a sentence, as bars and as
//! a table (`usage/_chart.html`).

mod bar;
mod scale;
mod spark;

use chrono::Days;
use chrono::NaiveDate;

use crate::dashboard::chart::scale::Scale;
use crate::dashboard::number;
use crate::db::usage;

pub use crate::dashboard::chart::bar::Bar;
pub use crate::dashboard::chart::scale::Tick;
pub use crate::dashboard::chart::spark::sparkline;

pub const DAYS: u32 = 30;

/// What was asked on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayUsage {
    pub day: NaiveDate,
    pub succeeded: i64,
    pub failed: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// On a key's page.
    Full,
    /// Above the list of keys.
    Compact,
}

#[derive(Clone, Debug)]
pub struct UsageChart {
    pub bars: Vec<Bar>,
    pub ticks: Vec<Tick>,
    /// One day's share of the width.
    pub slot_width: String,
    scale: Scale,
    size: Size,
}

impl From<&usage::DayUsage> for DayUsage {
    fn from(row: &usage::DayUsage) -> Self {
        Self {
            day: row.day,
            succeeded: row.succeeded(),
            failed: row.failed,
        }
    }
}

impl DayUsage {
    fn total(&self) -> i64 {
        self.succeeded.saturating_add(self.failed)
    }
}

impl UsageChart {
    /// The thirty days that end with `today`. A day without a row had no requests; rows of other
    /// days are left out. `link` leads to one day's requests.
    pub fn new(
        rows: &[DayUsage],
        today: NaiveDate,
        size: Size,
        link: impl Fn(NaiveDate) -> String,
    ) -> Self {
        let days: Vec<DayUsage> = (0..DAYS)
            .rev()
            .filter_map(|back| today.checked_sub_days(Days::new(back.into())))
            .map(|day| {
                let none = DayUsage {
                    day,
                    succeeded: 0,
                    failed: 0,
                };
                rows.iter()
                    .find(|row| row.day == day)
                    .copied()
                    .unwrap_or(none)
            })
            .collect();
        let (height, grid_lines) = match size {
            Size::Full => (168.0, 3),
            Size::Compact => (72.0, 2),
        };
        let most = days.iter().map(DayUsage::total).max().unwrap_or(0);
        let scale = Scale::new(most, height, grid_lines);
        let bars = (0..DAYS)
            .zip(&days)
            .map(|(index, usage)| Bar::new(index, usage, &scale, link(usage.day)))
            .collect();
        Self {
            bars,
            ticks: scale.ticks(),
            slot_width: bar::percent(1.0 / f64::from(DAYS)),
            scale,
            size,
        }
    }

    pub fn is_compact(&self) -> bool {
        self.size == Size::Compact
    }

    pub fn is_empty(&self) -> bool {
        self.total() == 0
    }

    fn total(&self) -> i64 {
        self.bars.iter().map(Bar::total).sum()
    }

    /// "18,402 requests, 1.2% failed, busiest Tuesday 4 Nov (1,911)."
    pub fn sentence(&self) -> String {
        let total = self.total();
        let Some(busiest) = self.bars.iter().rev().max_by_key(|bar| bar.total()) else {
            return String::new();
        };
        if total == 0 {
            return format!("No requests in these {DAYS} days.");
        }
        let failed = self.bars.iter().map(|bar| bar.failed).sum();
        let failed = match failed {
            0 => "none failed".to_owned(),
            failed => format!("{} failed", number::percent(failed, total)),
        };
        format!(
            "{}, {failed}, busiest {} ({}).",
            number::counted(total, "request", "requests"),
            busiest.day.format("%A %-d %b"),
            number::grouped(busiest.total()),
        )
    }

    pub fn has_failures(&self) -> bool {
        self.bars.iter().any(|bar| bar.failed > 0)
    }

    /// The days from today backwards, as a table lists them.
    pub fn newest_first(&self) -> impl Iterator<Item = &Bar> {
        self.bars.iter().rev()
    }

    /// The whole drawing, in pixels; its width is the page's.
    pub fn height(&self) -> String {
        self.scale.below_baseline().to_string()
    }

    pub fn baseline(&self) -> String {
        self.scale.baseline().to_string()
    }

    pub fn label_line(&self) -> String {
        self.scale.label_line().to_string()
    }

    /// Room for the longest number on the y axis.
    pub fn axis_width(&self) -> usize {
        const DIGIT_PX: usize = 7;
        let longest = self
            .ticks
            .iter()
            .map(|tick| tick.label.len())
            .max()
            .unwrap_or(1);
        longest * DIGIT_PX + 8
    }

    /// Where the numbers of the y axis end.
    pub fn axis_edge(&self) -> usize {
        self.axis_width() - 8
    }
}

#[cfg(test)]
mod tests;
