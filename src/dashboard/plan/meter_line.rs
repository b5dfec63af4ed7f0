//! One meter of the plan, in words.

use chrono::DateTime;
use chrono::Datelike;
use chrono::NaiveTime;
use chrono::TimeDelta;
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
    /// The day on which nothing is left, if each day takes what the days of this month took; none
    /// if that is not in this month.
    runs_out: Option<Moment>,
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
            runs_out: runs_out(&usage, now),
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

    /// What becomes of a meter at this pace; empty where there is no telling.
    pub fn pace(&self) -> String {
        if self.is_level() || self.usage.cap.is_none() || self.usage.used <= 0 {
            return String::new();
        }
        match (&self.runs_out, self.tone()) {
            (_, Tone::Reached) => "Used up".to_owned(),
            (Some(at), _) => format!("Runs out on {}", at.day()),
            (None, _) => "Lasts the month".to_owned(),
        }
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
    Moment::new(month(now).1, now)
}

/// When this month began and when the next begins.
fn month(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let today = now.date_naive();
    let first = today.with_day(1).unwrap_or(today);
    let next = first
        .checked_add_months(chrono::Months::new(1))
        .unwrap_or(first);
    let midnight = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    (midnight(first), midnight(next))
}

/// Less than this of a month says nothing about its pace.
const PACE_AFTER: TimeDelta = TimeDelta::days(1);

fn runs_out(usage: &MeterUsage, now: DateTime<Utc>) -> Option<Moment> {
    let cap = usage.cap.filter(|cap| *cap > usage.used)?;
    let (begins, ends) = month(now);
    let passed = now - begins;
    if usage.used <= 0 || passed < PACE_AFTER || usage.kind == MeterKind::Level {
        return None;
    }
    let whole = i128::from(passed.num_seconds()) * i128::from(cap) / i128::from(usage.used);
    let whole = TimeDelta::try_seconds(i64::try_from(whole).ok()?)?;
    let at = begins.checked_add_signed(whole)?;
    (at < ends).then(|| Moment::new(at, now))
}

#[cfg(test)]
mod tests;
