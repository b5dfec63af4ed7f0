//! The steps of the decision: their names in the markup, and their labels.

use crate::domain::judgement::Step;

pub type StepName = (&'static str, &'static str);

pub const FORMAT: StepName = ("format", "Form of the key");
pub const KEY: StepName = ("key", "Key");
pub const GRANT: StepName = ("grant", "Scope");
pub const LIMITS: StepName = ("limits", "Limits of the key");
pub const PLAN: StepName = ("plan", "Plan of the company");
pub const CHARGE: StepName = ("charge", "Charge");

/// All of them, in the order of the decision.
pub fn steps() -> Vec<StepName> {
    let mut steps = vec![FORMAT, KEY];
    steps.extend(Step::ALL.into_iter().map(name_of));
    steps.extend([GRANT, LIMITS, PLAN, CHARGE]);
    steps
}

pub fn name_of(step: Step) -> StepName {
    match step {
        Step::Account => ("account", "Account and workspace"),
        Step::Revocation => ("revoked", "Not revoked"),
        Step::Expiry => ("expiry", "Not expired"),
        Step::Disabling => ("disabled", "Not disabled"),
        Step::Header => ("header", "Header"),
        Step::Customer => ("customer", "Customer ID"),
        Step::Request => ("request", "Form of the path"),
        Step::Addresses => ("address", "Address"),
        Step::Origins => ("origin", "Origin"),
    }
}
