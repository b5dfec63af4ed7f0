//! What turns an allowed request into a refused one, whatever its key may do.

use crate::domain::decision::DenyReason;
use crate::edge::path;
use crate::verify::Decision;
use crate::verify::Denial;
use crate::verify::Holder;

pub fn deny(reason: DenyReason, holder: Option<Holder>) -> Decision {
    Decision::Deny(Denial { reason, holder })
}

pub fn holder_of(decision: Decision) -> Option<Holder> {
    match decision {
        Decision::Allow(permit) => Some(permit.holder),
        Decision::Deny(denial) => denial.holder,
    }
}

/// The last step: a key that may do this, on a path that has one reading only. An empty path was
/// not told, and asks about the key alone.
pub fn ambiguous_path(decision: Decision, path: &str) -> Decision {
    match decision {
        Decision::Allow(permit) if !path.is_empty() && path::is_ambiguous(path) => {
            deny(DenyReason::AmbiguousPath, Some(permit.holder))
        }
        decision => decision,
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
