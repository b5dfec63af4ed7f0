//! The database's counters as the tests understand them: the plainest code that says the same as
//! the functions in the migration.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::Datelike;
use chrono::Months;
use chrono::NaiveTime;
use chrono::TimeDelta;
use chrono::Utc;
use latchkey::domain::lease::Charge;
use latchkey::domain::lease::Grant;
use latchkey::domain::lease::Span;
use latchkey::domain::lease::SpanState;
use latchkey::domain::lease::SpanStates;
use latchkey::domain::limit::Window;
use latchkey::domain::plan::MeterKind;
use latchkey::domain::plan::RateWindow;

/// Microseconds since 1970.
pub type Micros = i64;

/// The counters of one subject.
#[derive(Default)]
pub struct Counters(BTreeMap<i16, Counter>);

#[derive(Default)]
struct Counter {
    /// Of a total and of a level.
    endless: u64,
    /// By the moment when they free.
    buckets: BTreeMap<Micros, u64>,
}

impl Counter {
    fn used(&self) -> u64 {
        self.endless + self.buckets.values().sum::<u64>()
    }
}

/// How long a span looks back, and what it counts together.
pub fn length_and_bucket(span: Span) -> Option<(Micros, Micros)> {
    let (length, bucket) = match span {
        Span::Key(window) => (window.length()?, window.bucket()?),
        Span::Rate(RateWindow::Second) => (TimeDelta::seconds(1), TimeDelta::milliseconds(100)),
        Span::Rate(RateWindow::Minute) => (TimeDelta::minutes(1), TimeDelta::seconds(1)),
        Span::Meter(_) => return None,
    };
    Some((micros(length), micros(bucket)))
}

/// When the month that holds `at` is over.
pub fn month_end(at: Micros) -> Micros {
    let first = time(at).date_naive().with_day(1).unwrap();
    let next = first + Months::new(1);
    next.and_time(NaiveTime::MIN).and_utc().timestamp_micros()
}

impl Counters {
    pub fn take(
        &mut self,
        caps: &[(Span, u64)],
        (needed, wanted): (u64, u64),
        now: Micros,
        nodes: u64,
    ) -> Grant {
        self.sweep(now);
        let room = caps
            .iter()
            .map(|(span, cap)| i128::from(*cap) - i128::from(self.used(*span)));
        let amount = match room.min() {
            None => needed.max(wanted),
            Some(room) if room < i128::from(needed) => 0,
            Some(room) => {
                let share = u64::try_from(room / i128::from(2 * nodes)).unwrap_or_default();
                needed.max(wanted.min(share))
            }
        };
        let (bin, length) = bin(caps, now);
        let spans: Vec<_> = caps.iter().map(|(span, _)| *span).collect();
        self.add(&spans, bin, amount);
        Grant {
            amount,
            charge: Charge {
                bin: time(bin),
                spans: spans.iter().map(|span| 1 << span.number()).sum(),
            },
            ends_in: TimeDelta::microseconds(bin + length - now),
            states: self.states(caps, now),
        }
    }

    pub fn give_back(&mut self, charge: Charge, amount: u64, now: Micros) {
        self.sweep(now);
        let bin = charge.bin.timestamp_micros();
        for number in (1..=8).filter(|number| charge.spans & (1 << number) != 0) {
            let counter = self.0.entry(number).or_default();
            let Some(frees_at) = frees_at(Span::from_number(number).unwrap(), bin) else {
                counter.endless -= amount;
                continue;
            };
            if let Some(bucket) = counter.buckets.get_mut(&frees_at) {
                *bucket -= amount;
            }
            counter.buckets.retain(|_, amount| *amount > 0);
        }
    }

    /// What counts at `now`.
    pub fn used_at(&mut self, span: Span, now: Micros) -> u64 {
        self.sweep(now);
        self.used(span)
    }

    fn used(&self, span: Span) -> u64 {
        self.0.get(&span.number()).map_or(0, Counter::used)
    }

    fn sweep(&mut self, now: Micros) {
        for counter in self.0.values_mut() {
            counter.buckets.retain(|frees_at, _| *frees_at > now);
        }
    }

    fn add(&mut self, spans: &[Span], bin: Micros, amount: u64) {
        for span in spans.iter().filter(|_| amount > 0) {
            let counter = self.0.entry(span.number()).or_default();
            match frees_at(*span, bin) {
                None => counter.endless += amount,
                Some(frees_at) => *counter.buckets.entry(frees_at).or_default() += amount,
            }
        }
    }

    fn states(&self, caps: &[(Span, u64)], now: Micros) -> SpanStates {
        let mut states = SpanStates::default();
        for (state, (span, cap)) in states.iter_mut().zip(caps) {
            let counter = self.0.get(&span.number());
            let frees_at = counter.and_then(|counter| counter.buckets.keys().next());
            *state = Some(SpanState {
                span: *span,
                cap: Some(*cap),
                used: self.used(*span),
                frees_in: frees_at.map(|at| TimeDelta::microseconds(at - now)),
            });
        }
        states
    }
}

/// The bin in which units are taken now, and its length.
fn bin(caps: &[(Span, u64)], now: Micros) -> (Micros, Micros) {
    let spans = || caps.iter().map(|(span, _)| *span);
    if spans().any(|span| span == Span::Rate(RateWindow::Second)) {
        (now - now % 100_000 + 100_000, 100_000)
    } else if spans().any(|span| matches!(span, Span::Rate(_))) {
        (now - now % 1_000_000, 1_000_000)
    } else {
        (now - now % 60_000_000, 60_000_000)
    }
}

fn frees_at(span: Span, at: Micros) -> Option<Micros> {
    match span {
        Span::Key(Window::Total) | Span::Meter(MeterKind::Level) => None,
        Span::Meter(MeterKind::Period) => Some(month_end(at)),
        Span::Key(_) | Span::Rate(_) => {
            let (length, bucket) = length_and_bucket(span)?;
            Some(at - at % bucket + bucket + length)
        }
    }
}

pub fn time(at: Micros) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at).unwrap()
}

fn micros(length: TimeDelta) -> Micros {
    length.num_microseconds().unwrap()
}
