//! One meter of the plan, in words.

use chrono::DateTime;
use chrono::Datelike;
use chrono::NaiveTime;
use chrono::Utc;

use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::plan_usage::MeterUsage;
use crate::domain::plan::MeterKind;

/// From so much on there is little left.
const NEARLY_PERCENT: i128 = 80;

/// How the label of a meter ends that is told in kB, MB and GB.
const IN_BYTES: &str = " in bytes";

pub struct MeterLine {
    pub usage: MeterUsage,
    pub resets: Moment,
}

/// How amounts of a meter are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Number,
    Bytes,
}

impl Unit {
    pub fn written(self, amount: i64) -> String {
        match self {
            Self::Number => number::grouped(amount),
            Self::Bytes if amount < 0 => format!("−{}", number::bytes(amount.saturating_neg())),
            Self::Bytes => number::bytes(amount),
        }
    }
}

/// How much is left: the less, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    Calm,
    Nearly,
    Reached,
}

impl MeterLine {
    pub fn new(usage: MeterUsage, now: DateTime<Utc>) -> Self {
        Self {
            usage,
            resets: next_month(now),
        }
    }

    pub fn is_level(&self) -> bool {
        self.usage.kind == MeterKind::Level
    }

    pub fn unit(&self) -> Unit {
        if self.usage.label.ends_with(IN_BYTES) {
            Unit::Bytes
        } else {
            Unit::Number
        }
    }

    /// The label; of what is told in other units than bytes without the bytes.
    pub fn label(&self) -> &str {
        let label = &self.usage.label;
        label.strip_suffix(IN_BYTES).unwrap_or(label)
    }

    /// `imports`, as refusals call it.
    pub fn noun(&self) -> String {
        self.usage.slug.replace('-', " ")
    }

    pub fn tone(&self) -> Tone {
        let Some(cap) = self.usage.cap else {
            return Tone::Calm;
        };
        let (used, cap) = (i128::from(self.usage.used), i128::from(cap));
        if used >= cap {
            Tone::Reached
        } else if used * 100 >= cap * NEARLY_PERCENT {
            Tone::Nearly
        } else {
            Tone::Calm
        }
    }

    /// Name of the tone's class and icon; empty while there is nothing to warn of.
    pub fn mark(&self) -> &'static str {
        match self.tone() {
            Tone::Calm => "",
            Tone::Nearly => "expiring",
            Tone::Reached => "limited",
        }
    }

    /// All that is to be known, in one line.
    pub fn sentence(&self) -> String {
        let (noun, used) = (self.noun(), self.unit().written(self.usage.used));
        let Some(cap) = self.usage.cap else {
            return format!("{used} {noun}, unlimited");
        };
        let capped = self.unit().written(cap);
        match self.tone() {
            Tone::Calm => format!("{used} out of {capped} {noun}"),
            Tone::Nearly => format!("Nearly used: {used} of {capped} {noun}"),
            Tone::Reached if cap == 0 => format!("Not in the plan: {noun} are refused"),
            Tone::Reached if self.is_level() => {
                format!("Limit reached: {used} of {capped} {noun}. More is refused until it falls")
            }
            Tone::Reached => format!(
                "Limit reached: {noun} are refused until {}",
                self.resets.day()
            ),
        }
    }

    /// Beside a sentence that does not say how much there was.
    pub fn second(&self) -> Option<String> {
        let cap = self.usage.cap.filter(|cap| *cap > 0)?;
        let said = self.tone() != Tone::Reached || self.is_level();
        (!said).then(|| {
            let used = self.unit().written(self.usage.used);
            format!("{used} of {} {}", self.unit().written(cap), self.noun())
        })
    }

    pub fn used(&self) -> String {
        self.unit().written(self.usage.used)
    }

    pub fn limit(&self) -> String {
        self.usage
            .cap
            .map_or_else(|| "Unlimited".to_owned(), |cap| self.unit().written(cap))
    }

    pub fn left(&self) -> String {
        self.usage.cap.map_or_else(
            || "Unlimited".to_owned(),
            |cap| self.unit().written((cap - self.usage.used).max(0)),
        )
    }

    /// How much of the bar is filled, in per cent; what is used at all is seen.
    pub fn filled(&self) -> i128 {
        match self.usage.cap {
            None => 0,
            Some(0) => 100,
            Some(_) if self.usage.used == 0 => 0,
            Some(cap) => (i128::from(self.usage.used) * 100 / i128::from(cap)).clamp(1, 100),
        }
    }

    pub fn has_bar(&self) -> bool {
        self.usage.cap.is_some()
    }
}

/// When what is counted per month begins anew.
fn next_month(now: DateTime<Utc>) -> Moment {
    let today = now.date_naive();
    let first = today.with_day(1).unwrap_or(today);
    let next = first
        .checked_add_months(chrono::Months::new(1))
        .unwrap_or(first);
    Moment::new(next.and_time(NaiveTime::MIN).and_utc(), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: MeterKind, used: i64, cap: Option<i64>) -> MeterLine {
        let usage = MeterUsage {
            slug: if kind == MeterKind::Level {
                "storage".to_owned()
            } else {
                "imports".to_owned()
            },
            label: if kind == MeterKind::Level {
                "Storage in bytes".to_owned()
            } else {
                "Knowledge base imports".to_owned()
            },
            kind,
            cap,
            used,
            known: used,
        };
        let now = DateTime::from_timestamp(1_795_253_467, 0).unwrap();
        MeterLine::new(usage, now)
    }

    #[test]
    fn the_sentence_says_how_near_the_limit_is() {
        for (used, cap, mark, words) in [
            (0, Some(2_000), "", "0 out of 2,000 imports"),
            (1_599, Some(2_000), "", "1,599 out of 2,000 imports"),
            (
                1_600,
                Some(2_000),
                "expiring",
                "Nearly used: 1,600 of 2,000 imports",
            ),
            (
                1_999,
                Some(2_000),
                "expiring",
                "Nearly used: 1,999 of 2,000 imports",
            ),
            (
                2_000,
                Some(2_000),
                "limited",
                "Limit reached: imports are refused until 1 Dec 2026",
            ),
            (7, None, "", "7 imports, unlimited"),
            (
                0,
                Some(0),
                "limited",
                "Not in the plan: imports are refused",
            ),
        ] {
            let line = line(MeterKind::Period, used, cap);
            assert_eq!((line.sentence().as_str(), line.mark()), (words, mark));
        }
        let over = line(MeterKind::Period, 2_140, Some(2_000));
        assert_eq!(over.second().unwrap(), "2,140 of 2,000 imports");
        assert_eq!((over.left().as_str(), over.filled()), ("0", 100));
        let level = line(MeterKind::Level, 5_000_000_000, Some(5_000_000_000));
        assert_eq!(
            level.sentence(),
            "Limit reached: 5.0 GB of 5.0 GB storage. More is refused until it falls"
        );
        assert_eq!((level.second(), level.label()), (None, "Storage"));
        assert_eq!(level.unit().written(-8_200_000), "−8.2 MB");
    }

    #[test]
    fn what_is_used_at_all_is_seen_and_huge_numbers_are_no_fault() {
        assert_eq!(line(MeterKind::Period, 0, Some(2_000)).filled(), 0);
        assert_eq!(line(MeterKind::Period, 1, Some(2_000)).filled(), 1);
        let huge = line(MeterKind::Level, i64::MAX, Some(i64::MAX));
        assert_eq!((huge.tone(), huge.filled()), (Tone::Reached, 100));
    }
}
