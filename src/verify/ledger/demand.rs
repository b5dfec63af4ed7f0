//! How much of a cell is wanted, so that it asks for enough and not for much more.

use std::time::Duration;

/// A rate is measured over at least this long.
const MEASURED_MIN: Duration = Duration::from_millis(20);
/// What was measured longer ago says nothing any more.
const MEASURED_LATELY: Duration = Duration::from_secs(2);
/// More is asked for when there is less than a quarter of what was granted last.
const LOW_PART: u64 = 4;

#[derive(Default)]
pub struct Demand {
    /// Charged since the last question.
    charged: u64,
    charged_at: Duration,
    /// Wished for by those who wait, since the last question.
    waiting: u64,
    /// The least that one of them needs.
    needed: Option<u64>,
    asked_at: Duration,
    /// What was granted last.
    granted: u64,
    per_second: f64,
}

impl Demand {
    pub fn charged(&mut self, amount: u64, now: Duration) {
        self.charged += amount;
        self.charged_at = now;
    }

    pub fn waiting(&mut self, missing: u64) {
        self.waiting += missing;
        self.needed = Some(self.needed.map_or(missing, |least| least.min(missing)));
    }

    pub fn is_idle(&self, now: Duration, after: Duration) -> bool {
        now.saturating_sub(self.charged_at) >= after
    }

    /// Whether what is left will not last until an answer comes. One that takes units one by one
    /// asks when it has none.
    pub fn is_low(&self, left: u64) -> bool {
        left < self.granted / LOW_PART
    }

    pub fn granted(&mut self, amount: u64, now: Duration) {
        self.granted = amount;
        self.charged_at = self.charged_at.max(now);
    }

    /// What to ask for now: needed, and wanted for `ahead`.
    pub fn ask(&mut self, ahead: Duration, now: Duration) -> (u64, u64) {
        let passed = now.saturating_sub(self.asked_at);
        let lately = passed < MEASURED_LATELY;
        let measured = amount(self.charged + self.waiting) / passed.max(MEASURED_MIN).as_secs_f64();
        self.per_second = if lately {
            f64::midpoint(self.per_second, measured)
        } else {
            0.0
        };
        let expected = whole(self.per_second * ahead.as_secs_f64());
        let needed = self.needed.take().unwrap_or(0);
        let wanted = self.waiting.max(needed) + expected;
        self.charged = 0;
        self.waiting = 0;
        self.asked_at = now;
        (needed, wanted)
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn amount(units: u64) -> f64 {
    units as f64
}

/// Saturates, as floats do.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate, never below 0"
)]
fn whole(units: f64) -> u64 {
    units as u64
}
