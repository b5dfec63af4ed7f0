//! The last step of a decision: what the request is charged to, and whether there is room.

use std::time::Duration;

use crate::domain::decision::DenyReason;
use crate::domain::judgement::grant::Cost;
use crate::domain::judgement::room;
use crate::domain::lease::Subject;
use crate::domain::limit::LimitStates;
use crate::domain::limit::Window;
use crate::domain::plan::RateWindow;
use crate::verify::Decision;
use crate::verify::Denial;
use crate::verify::Holder;
use crate::verify::Permit;
use crate::verify::Unavailable;
use crate::verify::Verifier;
use crate::verify::ledger::Bill;
use crate::verify::ledger::Charged;
use crate::verify::ledger::Exhausted;
use crate::verify::ledger::Receipt;
use crate::verify::ledger::Waiting;
use crate::verify::metered::Metered;

/// A request that got no answer from the database within this is told that nobody can decide.
const WAIT_MAX: Duration = Duration::from_millis(800);

const WAITS: &str = "latchkey_limit_waits_total";
const UNAVAILABLE: &str = "latchkey_limit_unavailable_total";

impl Verifier {
    /// Charges a request of so many credits to all its limits, or to none; or what must be waited
    /// for first.
    pub(super) fn charge(
        &self,
        holder: Holder,
        (credits, cost): (u32, Cost),
        now: Duration,
    ) -> Result<Result<Decision, Waiting>, Unavailable> {
        let cells = self.mirror.ledger().account(holder.account.id);
        let metered = Metered::new(credits, cost, cells);
        let bill = bill(&holder, &metered)?;
        if bill.is_empty() {
            let nothing = (LimitStates::default(), Receipt::default());
            return Ok(Ok(allow(holder, nothing, metered)));
        }
        Ok(match self.mirror.ledger().charge(&bill, now) {
            Charged::Yes(limits, receipt) => Ok(allow(holder, (limits, receipt), metered)),
            Charged::No(exhausted) => Ok(Decision::Deny(denial(holder, &exhausted))),
            Charged::Waiting(waiting) => Err(waiting),
        })
    }

    /// Lets in what counts for nothing; with the key's limits, as far as they can be known.
    pub(super) async fn let_in(&self, holder: Holder) -> Decision {
        let mut limits = LimitStates::default();
        if let Some(key) = &holder.key.limits {
            let ledger = self.mirror.ledger();
            limits = match ledger.look(key, self.clock.monotonic()) {
                Ok(limits) => limits,
                Err(waiting) => {
                    // Without an answer, what is known is told.
                    let _answered = self.wait(waiting, &mut None).await;
                    key.lock().limits(self.clock.monotonic())
                }
            };
        }
        allow(holder, (limits, Receipt::default()), Metered::default())
    }

    /// Charges nothing to the key and to the rate for a request that was allowed and is refused all
    /// the same. What it was to use of meters, its record takes back.
    pub fn take_back(&self, permit: &Permit) {
        let (ledger, now) = (self.mirror.ledger(), self.clock.monotonic());
        if let (Some(key), Some(charge)) = (&permit.holder.key.limits, permit.receipt.key) {
            ledger.take_back(key, charge, now);
        }
        let rate = permit.metered.cells().and_then(|cells| cells.rate.as_ref());
        if let (Some(rate), Some(charge)) = (rate, permit.receipt.rate) {
            ledger.take_back(rate, charge, now);
        }
    }

    /// Waits for the database, since the first question at most `WAIT_MAX`.
    pub(super) async fn wait(
        &self,
        waiting: Waiting,
        since: &mut Option<Duration>,
    ) -> Result<(), Unavailable> {
        let now = self.clock.monotonic();
        let since = *since.get_or_insert_with(|| {
            metrics::counter!(WAITS).increment(1);
            now
        });
        let left = WAIT_MAX.saturating_sub(now.saturating_sub(since));
        if let Ok(Ok(())) = tokio::time::timeout(left, waiting.answers()).await {
            return Ok(());
        }
        metrics::counter!(UNAVAILABLE).increment(1);
        Err(Unavailable)
    }
}

fn allow(holder: Holder, (limits, receipt): (LimitStates, Receipt), metered: Metered) -> Decision {
    Decision::Allow(Permit {
        holder,
        limits,
        metered,
        receipt,
    })
}

fn bill<'c>(holder: &'c Holder, metered: &'c Metered) -> Result<Bill<'c>, Unavailable> {
    let mut bill = Bill::default();
    let mut fits = true;
    if let Some(key) = &holder.key.limits {
        fits &= bill.add(key, 1);
    }
    if let Some(cells) = metered.cells() {
        if let Some(rate) = &cells.rate {
            fits &= bill.add(rate, 1);
        }
        for (slug, cell) in &cells.meters {
            fits &= bill.add(cell, metered.amount(slug));
        }
    }
    // What cannot be charged is not let in.
    if fits { Ok(bill) } else { Err(Unavailable) }
}

fn denial(holder: Holder, exhausted: &Exhausted) -> Denial {
    let missing = match &exhausted.cell.subject {
        Subject::Meter(slug) => Some(slug.clone()),
        Subject::Key(_) | Subject::Rate => None,
    };
    Denial {
        missing,
        retry_after: exhausted.retry_in,
        limits: exhausted.limits,
        ..Denial::new(reason(exhausted), Some(holder))
    }
}

fn reason(exhausted: &Exhausted) -> DenyReason {
    match (exhausted.span, &exhausted.cell.subject) {
        (Some(span), _) => room::reason(span),
        (None, Subject::Meter(_)) => DenyReason::PlanExhausted,
        (None, Subject::Key(_)) => DenyReason::Quota(Window::Total),
        (None, Subject::Rate) => DenyReason::RateLimited(RateWindow::Second),
    }
}
