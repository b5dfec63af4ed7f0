//! The cells of accounts: one for its rates, one for each meter that its plan caps.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::domain::account::AccountId;
use crate::domain::lease::Subject;
use crate::domain::plan::Plan;
use crate::verify::ledger::Ledger;
use crate::verify::ledger::cell::Cell;

#[derive(Default)]
pub(super) struct Accounts {
    plans: HashMap<String, Plan>,
    known: HashMap<AccountId, Known, RandomState>,
}

struct Known {
    plan: Box<str>,
    /// Nothing where the plan caps nothing.
    cells: Option<Arc<AccountCells>>,
}

/// What the requests of an account are charged to, beside their key.
pub struct AccountCells {
    pub rate: Option<Arc<Cell>>,
    /// By slug, in order.
    pub meters: Vec<(Box<str>, Arc<Cell>)>,
}

impl AccountCells {
    fn of(account: AccountId, plan: &Plan) -> Option<Arc<Self>> {
        let cell = |subject| Arc::new(Cell::new(account, subject));
        let limited = plan.per_second.is_some() || plan.per_minute.is_some();
        let mut slugs: Vec<_> = plan.meters.iter().map(|(slug, _)| slug.as_str()).collect();
        slugs.sort_unstable();
        let cells = Self {
            rate: limited.then(|| cell(Subject::Rate)),
            meters: slugs
                .into_iter()
                .map(|slug| (slug.into(), cell(Subject::Meter(slug.into()))))
                .collect(),
        };
        (cells.rate.is_some() || !cells.meters.is_empty()).then(|| Arc::new(cells))
    }

    fn iter(&self) -> impl Iterator<Item = &Arc<Cell>> {
        let meters = self.meters.iter().map(|(_, cell)| cell);
        self.rate.iter().chain(meters)
    }
}

impl Ledger {
    /// What requests of `account` are charged to; `None` where its plan caps nothing.
    pub fn account(&self, account: AccountId) -> Option<Arc<AccountCells>> {
        self.0.accounts.read().known.get(&account)?.cells.clone()
    }

    /// The plan of an account, as news of it comes. A plan that was changed is news too.
    pub fn set_plan(&self, account: AccountId, slug: &str) {
        let mut accounts = self.0.accounts.write();
        let same = accounts
            .known
            .get(&account)
            .is_some_and(|known| *known.plan == *slug);
        if same {
            return;
        }
        let cells = accounts
            .plans
            .get(slug)
            .and_then(|plan| AccountCells::of(account, plan));
        let plan = slug.into();
        let old = accounts.known.insert(account, Known { plan, cells });
        drop(accounts);
        self.end(old.as_ref());
    }

    /// All plans as they are now. Accounts whose plan is another than before ask anew.
    pub fn set_plans(&self, plans: Vec<Plan>) {
        let plans: HashMap<String, Plan> = plans
            .into_iter()
            .map(|plan| (plan.slug.clone(), plan))
            .collect();
        let mut guard = self.0.accounts.write();
        let accounts = &mut *guard;
        let mut ended = Vec::new();
        for (account, known) in &mut accounts.known {
            let new = plans.get(&*known.plan);
            if accounts.plans.get(&*known.plan) == new {
                continue;
            }
            let cells = new.and_then(|plan| AccountCells::of(*account, plan));
            let plan = known.plan.clone();
            ended.push(std::mem::replace(known, Known { plan, cells }));
        }
        accounts.plans = plans;
        drop(guard);
        for old in &ended {
            self.end(Some(old));
        }
    }

    fn end(&self, old: Option<&Known>) {
        let cells = old.and_then(|old| old.cells.as_ref());
        for cell in cells.iter().flat_map(|cells| cells.iter()) {
            self.give_back(cell.drop_lease());
        }
    }
}
