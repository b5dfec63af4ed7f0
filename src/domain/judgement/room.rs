//! The last step: whether the caps that a request is charged to have room for it.

use crate::domain::decision::DenyReason;
use crate::domain::judgement::Refusal;
use crate::domain::lease::Span;
use crate::domain::lease::SpanState;
use crate::domain::lease::Subject;

/// What a refusal for this cap is called.
pub fn reason(span: Span) -> DenyReason {
    match span {
        Span::Key(window) => DenyReason::Quota(window),
        Span::Rate(window) => DenyReason::RateLimited(window),
        Span::Meter(_) => DenyReason::PlanExhausted,
    }
}

/// Whether `amount` more go beneath the cap.
pub fn has_room(state: &SpanState, amount: u64) -> bool {
    let Some(cap) = state.cap else { return true };
    amount == 0 || state.used.saturating_add(amount) <= cap
}

/// As the node that charges says it of a cap without room.
pub fn refusal(subject: &Subject, span: Span) -> Refusal {
    match subject {
        Subject::Meter(slug) => Refusal::missing(reason(span), slug.clone()),
        Subject::Key(_) | Subject::Rate => reason(span).into(),
    }
}
