//! What the database said of a subject's caps when it was last asked.

use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::lease::SPANS_MAX;
use crate::domain::lease::Span;
use crate::domain::lease::SpanStates;
use crate::domain::limit::LimitState;
use crate::domain::limit::LimitStates;

#[derive(Default)]
pub struct Known {
    learned_at: Option<Duration>,
    spans: [Option<KnownSpan>; SPANS_MAX],
}

#[derive(Clone, Copy)]
struct KnownSpan {
    span: Span,
    cap: u64,
    used: u64,
    /// By the monotonic clock.
    frees_at: Option<Duration>,
}

impl Known {
    pub fn learn(&mut self, states: &SpanStates, now: Duration) {
        self.learned_at = Some(now);
        self.spans = states.map(|state| {
            state.and_then(|state| {
                let frees_in = state.frees_in.map(|t| t.to_std().unwrap_or_default());
                Some(KnownSpan {
                    span: state.span,
                    cap: state.cap?,
                    used: state.used,
                    frees_at: frees_in.map(|frees_in| now + frees_in),
                })
            })
        });
    }

    /// Whether it was learned within `age`.
    pub fn is_fresh(&self, now: Duration, age: Duration) -> bool {
        self.learned_at
            .is_some_and(|at| now.saturating_sub(at) < age)
    }

    /// Units that are counted no longer.
    pub fn give_back(&mut self, amount: u64) {
        for span in self.spans.iter_mut().flatten() {
            span.used = span.used.saturating_sub(amount);
        }
    }

    /// The limits of a key. What this node holds and has not spent is not used.
    pub fn limits(&self, left: u64, now: Duration) -> LimitStates {
        self.spans.map(|known| {
            let known = known?;
            let Span::Key(window) = known.span else {
                return None;
            };
            Some(LimitState {
                window,
                limit: known.cap,
                used: known.used.saturating_sub(left).min(known.cap),
                frees_in: known.frees_in(now),
            })
        })
    }

    /// The first span without room for `amount`, if `left` is what this node holds.
    pub fn exhausted(&self, amount: u64, left: u64) -> Option<Span> {
        self.reached(amount, left).map(|known| known.span).next()
    }

    /// Until every such span has room; `None` if one never has.
    pub fn retry_in(&self, amount: u64, left: u64, now: Duration) -> Option<Duration> {
        let waits = self
            .reached(amount, left)
            .map(|known| known.frees_at.map(|at| at.saturating_sub(now)));
        waits.reduce(|one, other| Some(one?.max(other?))).flatten()
    }

    /// Until the first span frees some room; for ever if none does.
    pub fn frees_in(&self, now: Duration) -> Duration {
        let frees = self
            .spans
            .iter()
            .flatten()
            .filter_map(|known| known.frees_at);
        frees
            .min()
            .map_or(Duration::MAX, |at| at.saturating_sub(now))
    }

    fn reached(&self, amount: u64, left: u64) -> impl Iterator<Item = KnownSpan> {
        let missing = amount.saturating_sub(left);
        self.spans
            .iter()
            .flatten()
            .copied()
            .filter(move |known| known.cap.saturating_sub(known.used) < missing)
    }
}

impl KnownSpan {
    fn frees_in(&self, now: Duration) -> Option<TimeDelta> {
        let at = self.frees_at?;
        TimeDelta::from_std(at.saturating_sub(now)).ok()
    }
}
