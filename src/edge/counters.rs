//! The numbers that `/metrics` shows of the edge. Handles are made once, so that counting is one
//! addition.

use metrics::Counter;

use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Surface;

const DECISIONS: &str = "latchkey_decisions_total";
const ALLOWED: &str = "VALID";

/// One counter per face and code.
pub struct DecisionCounters(Vec<Vec<Counter>>);

impl DecisionCounters {
    /// To be called after the recorder is installed: what is registered before counts nothing.
    pub fn register() -> Self {
        metrics::describe_counter!(
            DECISIONS,
            "Decisions, by the face that asked and their code."
        );
        Self(Surface::ALL.into_iter().map(counters_of).collect())
    }

    pub fn count(&self, surface: Surface, denied: Option<DenyReason>) {
        let code = denied.map_or(0, DenyReason::number);
        let counter = self
            .0
            .get(usize::from(surface.number()) - 1)
            .and_then(|codes| codes.get(usize::from(code)));
        if let Some(counter) = counter {
            counter.increment(1);
        }
    }
}

/// In the order of the codes' numbers, which begin at 0 for "allowed" and have no gap.
fn counters_of(surface: Surface) -> Vec<Counter> {
    (0..=u8::MAX)
        .map_while(|number| match number {
            0 => Some(ALLOWED),
            number => DenyReason::from_number(number).map(DenyReason::code),
        })
        .map(|code| metrics::counter!(DECISIONS, "surface" => name_of(surface), "code" => code))
        .collect()
}

fn name_of(surface: Surface) -> &'static str {
    match surface {
        Surface::Verify => "verify",
        Surface::ForwardAuth => "forward-auth",
        Surface::Gateway => "gateway",
        Surface::OwnKey => "own-key",
    }
}
