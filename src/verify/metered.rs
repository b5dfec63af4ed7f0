//! What an allowed request uses of its account's meters, and what of that its decision charged.

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::judgement::grant::Cost;
use crate::domain::meter::CREDITS;
use crate::domain::meter::MeterUse;
use crate::domain::meter::REQUESTS;
use crate::verify::ledger::AccountCells;

/// By default it uses nothing and nothing was charged.
#[derive(Clone, Default)]
pub struct Metered {
    credits: u32,
    cost: Cost,
    /// Of the account, where its plan caps anything.
    cells: Option<Arc<AccountCells>>,
}

impl Metered {
    pub(super) fn new(credits: u32, cost: Cost, cells: Option<Arc<AccountCells>>) -> Self {
        Self {
            credits,
            cost,
            cells,
        }
    }

    pub(super) fn cells(&self) -> Option<&AccountCells> {
        self.cells.as_deref()
    }

    /// How much of the meter `slug` it uses.
    pub(super) fn amount(&self, slug: &str) -> u64 {
        self.cost.amount(slug, self.credits)
    }

    /// What its record says: of each meter that the plan caps what was charged, and of each that
    /// its permission feeds what was used. How much it used of `requests` and `credits` the record
    /// knows without this. `served` is whether it was let through in the end.
    pub fn uses(&self, served: bool) -> Vec<MeterUse<'_>> {
        let capped = self.cells.iter().flat_map(|cells| &cells.meters);
        let charged = capped.filter_map(|(slug, _)| {
            let amount = signed(self.amount(slug));
            let used = match &**slug {
                // The record counts as a request.
                REQUESTS if !served => -amount,
                REQUESTS | CREDITS => 0,
                _ if served => amount,
                _ => 0,
            };
            (amount != 0).then_some(MeterUse {
                meter: Cow::Borrowed(&**slug),
                used,
                charged: amount,
            })
        });
        let fed = self.cost.meters().iter().filter(|_| served);
        let free = fed.filter(|(slug, _)| !self.caps(slug));
        let free = free.map(|(slug, amount)| MeterUse {
            meter: Cow::Borrowed(&**slug),
            used: signed(*amount),
            charged: 0,
        });
        charged.chain(free).collect()
    }

    fn caps(&self, slug: &str) -> bool {
        let mut capped = self.cells.iter().flat_map(|cells| &cells.meters);
        capped.any(|(capped, _)| **capped == *slug)
    }
}

fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::AccountId;
    use crate::domain::plan::Plan;
    use crate::verify::ledger::Ledger;

    #[test]
    fn a_call_that_was_not_served_takes_back_what_was_charged() {
        let ledger = Ledger::default();
        ledger.set_plans(vec![Plan {
            slug: "team".to_owned(),
            name: "Team".to_owned(),
            per_second: None,
            per_minute: None,
            meters: vec![("credits".to_owned(), 9), ("requests".to_owned(), 9)],
        }]);
        ledger.set_plan(AccountId(1), "team");
        let metered = Metered::new(4, Cost::default(), ledger.account(AccountId(1)));
        let told = |served| -> Vec<_> {
            let uses = metered.uses(served);
            let told = uses.iter().map(|one| (one.used, one.charged));
            told.collect()
        };
        assert_eq!(told(true), [(0, 4), (0, 1)]);
        assert_eq!(told(false), [(0, 4), (-1, 1)]);
        assert_eq!(Metered::default().uses(true), []);
    }
}
