//! How busy a key is, hour by hour. Whole numbers: only their proportions count.

use chrono::DateTime;
use chrono::Datelike;
use chrono::Timelike;
use chrono::Utc;
use chrono::Weekday;

/// When a key is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// By day, on working days.
    Office,
    /// By people on a web page: evenings and weekends too.
    Visitors,
    /// For some hours each night.
    Nightly,
    /// At all times alike.
    Steady,
    /// Now and then, and then much.
    Bursts,
}

const OFFICE: [u64; 24] = [
    2, 1, 1, 1, 2, 5, 20, 55, 85, 100, 100, 95, 80, 90, 100, 95, 85, 65, 40, 25, 15, 10, 6, 4,
];
const VISITORS: [u64; 24] = [
    12, 8, 5, 4, 4, 6, 15, 30, 45, 55, 60, 62, 65, 60, 58, 60, 65, 75, 90, 100, 98, 80, 50, 25,
];

impl Rhythm {
    /// 0 to 11,000 or so; `chance` is below 100 and drawn for this hour.
    pub fn weight(self, hour: DateTime<Utc>, chance: u64) -> u64 {
        let weekend = matches!(hour.weekday(), Weekday::Sat | Weekday::Sun);
        let place = usize::try_from(hour.hour()).unwrap_or_default();
        match self {
            Self::Office => OFFICE[place] * if weekend { 18 } else { 100 },
            Self::Visitors => VISITORS[place] * if weekend { 110 } else { 100 },
            Self::Nightly => match hour.hour() {
                2 => 10_000,
                3 => 8_000,
                4 => 1_500,
                _ => 0,
            },
            Self::Steady => 5_000,
            Self::Bursts if chance < 12 => OFFICE[place] * if weekend { 10 } else { 110 },
            Self::Bursts => OFFICE[place] * if weekend { 1 } else { 12 },
        }
    }
}
