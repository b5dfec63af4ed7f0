//! What can happen, and the caps that are there.

use latchkey::domain::lease::Span;
use latchkey::domain::lease::Subject;
use latchkey::domain::limit::KeyLimits;
use latchkey::domain::plan::MeterKind;
use latchkey::domain::plan::RateWindow;

use super::counters::Micros;

/// All caps at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    pub key: KeyLimits,
    pub per_second: Option<u64>,
    pub per_minute: Option<u64>,
    pub meter: Option<u64>,
}

impl Caps {
    pub fn of(&self, subject: &Subject) -> Vec<(Span, u64)> {
        match subject {
            Subject::Key(_) => self
                .key
                .iter()
                .map(|(w, cap)| (Span::Key(w), cap))
                .collect(),
            Subject::Rate => [
                (RateWindow::Second, self.per_second),
                (RateWindow::Minute, self.per_minute),
            ]
            .into_iter()
            .filter_map(|(window, cap)| Some((Span::Rate(window), cap?)))
            .collect(),
            Subject::Meter(_) => {
                let cap = self.meter.map(|cap| (Span::Meter(MeterKind::Period), cap));
                cap.into_iter().collect()
            }
        }
    }
}

/// What becomes of units that are given back.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    Straight,
    Late,
    Lost,
}

#[derive(Debug, Clone, Copy)]
pub enum Op {
    /// A request of so many credits; if it must wait, it waits for the answer.
    Call(usize, u64),
    /// The same, but nobody waits: what it asks for comes by the next ops.
    Knock(usize, u64),
    /// The last request that the node let in came to nothing.
    TakeBack(usize),
    Pass(Micros),
    /// To about the next moment that is a whole multiple of the first; so much before or after it.
    PassTo(Micros, Micros),
    Put(usize),
    Serve(usize),
    Answer(usize),
    Lose(usize),
    GiveBack(usize, Way),
    Crash(usize),
    Change(Caps),
    Learn(usize),
}
