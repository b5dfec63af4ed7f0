//! A request is charged to all of its cells or to none.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::MutexGuard;

use crate::domain::lease::Charge;
use crate::domain::lease::Span;
use crate::domain::lease::Subject;
use crate::domain::limit::LimitStates;
use crate::domain::meter::METERS_PER_CALL_MAX;
use crate::verify::ledger::Ledger;
use crate::verify::ledger::cell::Cell;
use crate::verify::ledger::state::Heard;
use crate::verify::ledger::state::Room;
use crate::verify::ledger::state::State;

/// The most cells that one request is charged to: its key, the account's rate, `requests`, `credits`,
/// and other meters.
const CELLS_MAX: usize = 4 + METERS_PER_CALL_MAX;

/// What a request costs, cell by cell. Always in the order key, rate, meters by name: cells are
/// locked in it, and of several that refuse the first is named.
#[derive(Default)]
pub struct Bill<'c> {
    items: [Option<(&'c Arc<Cell>, u64)>; CELLS_MAX],
    length: usize,
}

impl<'c> Bill<'c> {
    /// Costs of nothing are left out. False if there is no place left.
    pub fn add(&mut self, cell: &'c Arc<Cell>, amount: u64) -> bool {
        if amount == 0 {
            return true;
        }
        let Some(place) = self.items.get_mut(self.length) else {
            return false;
        };
        *place = Some((cell, amount));
        self.length += 1;
        true
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn iter(&self) -> impl Iterator<Item = (&'c Arc<Cell>, u64)> {
        self.items[..self.length].iter().flatten().copied()
    }
}

/// What came of a charge.
pub enum Charged {
    /// The limits of the key after it.
    Yes(LimitStates, Receipt),
    /// Nothing was charged: a cap is reached.
    No(Exhausted),
    /// Nothing was charged: the database has to be asked, which is under way.
    Waiting(Waiting),
}

/// In which buckets the key and the rate were charged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Receipt {
    pub key: Option<Charge>,
    pub rate: Option<Charge>,
}

/// Why there is no room.
pub struct Exhausted {
    pub cell: Arc<Cell>,
    /// The cap that is reached, where it is known which.
    pub span: Option<Span>,
    /// When it is worth to come again; `None` if never.
    pub retry_in: Option<Duration>,
    /// The limits of the key.
    pub limits: LimitStates,
}

/// Cells whose next answer is awaited.
#[derive(Default)]
pub struct Waiting {
    cells: Vec<(Arc<Cell>, Heard)>,
}

impl Ledger {
    /// Charges `bill` at `now`, by the monotonic clock.
    pub fn charge(&self, bill: &Bill<'_>, now: Duration) -> Charged {
        let mut states: [_; CELLS_MAX] =
            std::array::from_fn(|place| bill.items[place].as_ref().map(|(cell, _)| cell.lock()));
        let (mut waiting, mut unknown, mut refusal) = (Waiting::default(), false, None);
        for (place, (cell, amount)) in bill.iter().enumerate() {
            let Some(state) = &mut states[place] else {
                continue;
            };
            match state.room(amount, now) {
                // Whatever those after it would say, this is the refusal.
                Room::No if !unknown => {
                    refusal = Some(place);
                    break;
                }
                Room::Yes | Room::No => {}
                Room::Unknown => {
                    unknown = true;
                    state.wait_for(amount, now);
                    waiting.cells.push((Arc::clone(cell), state.heard()));
                    if state.queue() {
                        self.ask(cell);
                    }
                }
            }
        }
        if unknown {
            return Charged::Waiting(waiting);
        }
        let limits = |states: &[Option<MutexGuard<'_, State>>; CELLS_MAX]| {
            let key = states[0].as_deref();
            key.map_or_else(LimitStates::default, |key| key.limits(now))
        };
        if let Some((cell, amount, state)) = refusal.and_then(|place| {
            let (cell, amount) = bill.items[place]?;
            Some((cell, amount, states[place].as_deref()?))
        }) {
            let (span, retry_in) = state.exhausted(amount, now);
            return Charged::No(Exhausted {
                cell: Arc::clone(cell),
                span,
                retry_in,
                limits: limits(&states),
            });
        }
        let mut receipt = Receipt::default();
        for (place, (cell, amount)) in bill.iter().enumerate() {
            let Some(state) = &mut states[place] else {
                continue;
            };
            match cell.subject {
                Subject::Key(_) => receipt.key = state.bin(),
                Subject::Rate => receipt.rate = state.bin(),
                Subject::Meter(_) => {}
            }
            if state.charge(amount, now) && state.queue() {
                self.ask(cell);
            }
        }
        Charged::Yes(limits(&states), receipt)
    }
}

impl Ledger {
    /// Takes back a unit that was charged as `charge` says, for a request that came to nothing.
    pub fn take_back(&self, cell: &Cell, charge: Charge, now: Duration) {
        self.give_back(cell.take_back(charge, now));
    }

    /// The limits of a key without a charge, or what the database has to be asked for.
    pub fn look(&self, cell: &Arc<Cell>, now: Duration) -> Result<LimitStates, Waiting> {
        let mut state = cell.lock();
        if state.is_fresh(now) {
            return Ok(state.limits(now));
        }
        let mut waiting = Waiting::default();
        waiting.cells.push((Arc::clone(cell), state.heard()));
        if state.queue() {
            self.ask(cell);
        }
        Err(waiting)
    }
}

/// The database did not answer.
pub struct Unanswered;

impl Waiting {
    /// Until each has been answered once.
    pub async fn answers(self) -> Result<(), Unanswered> {
        for (cell, before) in self.cells {
            loop {
                let answered = cell.answered().notified();
                tokio::pin!(answered);
                answered.as_mut().enable();
                let heard = cell.lock().heard();
                if heard.unanswered != before.unanswered {
                    return Err(Unanswered);
                }
                if heard.answers != before.answers {
                    break;
                }
                answered.await;
            }
        }
        Ok(())
    }
}
