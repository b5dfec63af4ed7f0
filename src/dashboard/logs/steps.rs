//! The decision about a logged request, step by step. Its row says which step refused; those
//! before it were passed and those after it not taken.

use crate::dashboard::keys::explain;
pub use crate::dashboard::keys::explain::Mark;
use crate::dashboard::logs::reasons;
use crate::dashboard::number;
use crate::db::request_log::LogRow;
use crate::domain::decision::DenyReason;

pub struct StepLine {
    /// Its name in the page's markup.
    pub step: &'static str,
    pub label: &'static str,
    pub mark: Mark,
    pub words: String,
    /// What would make it pass; empty but for the one that refused.
    pub remedy: &'static str,
}

impl StepLine {
    pub fn result(&self) -> &'static str {
        match self.mark {
            Mark::Passes => "Passed",
            Mark::Refuses | Mark::RefusesToo => "Refused here",
            Mark::Skipped => "Not reached",
        }
    }
}

pub fn of(row: &LogRow) -> Vec<StepLine> {
    let refusing = row.denial.map(step_of);
    let mut reached = true;
    let steps = explain::steps().into_iter();
    steps
        .map(|(step, label)| {
            let refuses = refusing == Some(step);
            let mark = match (reached, refuses) {
                (false, _) => Mark::Skipped,
                (true, true) => Mark::Refuses,
                (true, false) => Mark::Passes,
            };
            reached &= !refuses;
            let (words, remedy) = match (mark, row.denial) {
                (Mark::Refuses, Some(denial)) => reasons::of(denial, row),
                (Mark::Passes, _) => (passed(step, row), ""),
                _ => (String::new(), ""),
            };
            StepLine {
                step,
                label,
                mark,
                words,
                remedy,
            }
        })
        .collect()
}

/// What the step says of its own, where it has something to say.
fn passed(step: &str, row: &LogRow) -> String {
    match step {
        "key" => format!("“{}”, by secret {} of it.", row.key_name, row.generation),
        "charge" => {
            let credits = i64::from(row.credits);
            format!(
                "1 request, {}.",
                number::counted(credits, "credit", "credits")
            )
        }
        _ => String::new(),
    }
}

/// The step that refuses for this reason.
fn step_of(reason: DenyReason) -> &'static str {
    match reason {
        DenyReason::Malformed => "format",
        DenyReason::NotFound | DenyReason::IpBlocked => "key",
        DenyReason::AccountSuspended => "account",
        DenyReason::Revoked => "revoked",
        DenyReason::Expired => "expiry",
        DenyReason::Disabled => "disabled",
        DenyReason::CredentialRefused => "header",
        DenyReason::CustomerMismatch => "customer",
        DenyReason::TwoCredentials | DenyReason::KeyInUrl | DenyReason::AmbiguousPath => "request",
        DenyReason::IpDenied => "address",
        DenyReason::OriginDenied => "origin",
        DenyReason::InsufficientScope => "grant",
        DenyReason::Quota(_) => "limits",
        DenyReason::RateLimited(_) | DenyReason::PlanExhausted => "plan",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_belongs_to_a_step() {
        let steps = explain::steps();
        for reason in DenyReason::ALL {
            let step = step_of(reason);
            assert!(steps.iter().any(|(known, _)| *known == step), "{reason:?}");
        }
    }
}
