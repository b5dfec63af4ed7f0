//! What turns an allowed request into a refused one, whatever its key may do.

use crate::domain::decision::DenyReason;
use crate::verify::Decision;
use crate::verify::Denial;
use crate::verify::Holder;

pub fn deny(reason: DenyReason, holder: Option<Holder>) -> Decision {
    Decision::Deny(Denial::new(reason, holder))
}

pub fn holder_of(decision: Decision) -> Option<Holder> {
    match decision {
        Decision::Allow(permit) => Some(permit.holder),
        Decision::Deny(denial) => denial.holder,
    }
}

/// A key that also stands in the URL of its request is refused, valid or not.
pub fn key_in_url(decision: Decision) -> Decision {
    deny(DenyReason::KeyInUrl, holder_of(decision))
}

/// Why it was refused, if it was, and whose key it is, if it is known.
pub fn parts(decision: &Decision) -> (Option<DenyReason>, Option<&Holder>) {
    match decision {
        Decision::Allow(permit) => (None, Some(&permit.holder)),
        Decision::Deny(denial) => (Some(denial.reason), denial.holder.as_ref()),
    }
}
