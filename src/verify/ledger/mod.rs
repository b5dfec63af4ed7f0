//! Limits and plans on this node: what it has taken in advance, and spends without asking.
//!
//! The database grants units and counts them at once; a request is let in only for units that this
//! node holds, and only until the end of the time for which they are counted. So the caps hold on
//! any number of nodes, whatever becomes of one of them. `workers::lease_broker` carries the
//! questions and answers: nothing here knows a database.

mod accounts;
mod cell;
mod charge;
mod demand;
mod known;
mod state;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;
use parking_lot::Mutex;
use parking_lot::RwLock;
use tokio::sync::Notify;

use crate::domain::account::AccountId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::lease::Grant;
use crate::domain::lease::Leftover;
use crate::domain::lease::Subject;
use crate::domain::limit::KeyLimits;
pub use crate::verify::ledger::accounts::AccountCells;
use crate::verify::ledger::accounts::Accounts;
pub use crate::verify::ledger::cell::Cell;
use crate::verify::ledger::cell::Put;
pub use crate::verify::ledger::charge::Bill;
pub use crate::verify::ledger::charge::Charged;
pub use crate::verify::ledger::charge::Exhausted;
pub use crate::verify::ledger::charge::Receipt;
pub use crate::verify::ledger::charge::Waiting;

/// A cheap handle; one ledger per process, whatever the mirror reloads.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Shared>);

#[derive(Default)]
struct Shared {
    keys: Mutex<HashMap<ApiKeyId, KeyCell, RandomState>>,
    accounts: RwLock<Accounts>,
    /// Each cell stands here at most once.
    queue: Mutex<Vec<Arc<Cell>>>,
    queued: Notify,
    /// Cells that have a lease.
    holders: Mutex<Vec<Arc<Cell>>>,
    /// To be given back.
    leftovers: Mutex<Vec<Leftover>>,
}

struct KeyCell {
    cell: Arc<Cell>,
    limits: KeyLimits,
}

/// A question to the database, and the cell that waits for the answer.
pub struct Question {
    cell: Arc<Cell>,
    put: Put,
}

impl Question {
    pub fn ask(&self) -> &crate::domain::lease::Ask {
        &self.put.ask
    }
}

impl Ledger {
    /// The cell of a key with limits, the same one each time. If the limits are others than before,
    /// it gives back what it has and asks anew.
    pub fn key(&self, account: AccountId, key: ApiKeyId, limits: &KeyLimits) -> Arc<Cell> {
        let mut keys = self.0.keys.lock();
        let known = keys.entry(key).or_insert_with(|| KeyCell {
            cell: Arc::new(Cell::new(account, Subject::Key(key))),
            limits: *limits,
        });
        let cell = Arc::clone(&known.cell);
        let changed = known.limits != *limits;
        known.limits = *limits;
        drop(keys);
        if changed {
            self.give_back(cell.drop_lease());
        }
        cell
    }

    /// The key is gone, or has no limits any more.
    pub fn forget_key(&self, key: ApiKeyId) {
        let known = self.0.keys.lock().remove(&key);
        if let Some(known) = known {
            self.give_back(known.cell.drop_lease());
        }
    }

    /// Forgets all keys but those for which `has_limits` holds.
    pub fn keep_keys(&self, has_limits: impl Fn(ApiKeyId) -> bool) {
        let mut keys = self.0.keys.lock();
        let gone: Vec<_> = keys.extract_if(|key, _| !has_limits(*key)).collect();
        drop(keys);
        for (_, known) in gone {
            self.give_back(known.cell.drop_lease());
        }
    }

    fn ask(&self, cell: &Arc<Cell>) {
        self.0.queue.lock().push(Arc::clone(cell));
        self.0.queued.notify_one();
    }

    fn give_back(&self, leftover: Option<Leftover>) {
        if let Some(leftover) = leftover {
            self.0.leftovers.lock().push(leftover);
        }
    }

    /// Until some cell has a question.
    pub async fn queued(&self) {
        self.0.queued.notified().await;
    }

    /// What is to be asked now, at most `most`.
    pub fn questions(&self, most: usize, now: Duration) -> Vec<Question> {
        let mut queue = self.0.queue.lock();
        let first = queue.len().saturating_sub(most);
        let cells: Vec<_> = queue.drain(first..).collect();
        if !queue.is_empty() {
            self.0.queued.notify_one();
        }
        drop(queue);
        let question = |cell: Arc<Cell>| Question {
            put: cell.put(now),
            cell,
        };
        cells.into_iter().map(question).collect()
    }

    /// The answers to questions that were put at `asked`, in their order.
    pub fn answer(&self, questions: &[Question], grants: &[Grant], asked: Duration, now: Duration) {
        for (Question { cell, put }, grant) in questions.iter().zip(grants) {
            self.give_back(cell.answer(put, grant, asked, now));
            if cell.is_new_holder() {
                self.0.holders.lock().push(Arc::clone(cell));
            }
        }
    }

    /// The database did not answer.
    pub fn unanswered(&self, questions: &[Question]) {
        for question in questions {
            question.cell.unanswered();
        }
    }

    /// Takes what will not be spent from the cells that have it.
    pub fn reclaim(&self, now: Duration) {
        let mut holders = self.0.holders.lock();
        holders.retain(|cell| {
            self.give_back(cell.reclaim(now));
            cell.is_holder()
        });
    }

    /// Takes everything from all cells: this node stops.
    pub fn close(&self) {
        for cell in std::mem::take(&mut *self.0.holders.lock()) {
            self.give_back(cell.drop_lease());
            cell.is_holder();
        }
    }

    /// What is to be given back, at most `most`. Whoever takes it gives it back once or not at all.
    pub fn leftovers(&self, most: usize) -> Vec<Leftover> {
        let mut leftovers = self.0.leftovers.lock();
        let first = leftovers.len().saturating_sub(most);
        leftovers.drain(first..).collect()
    }
}
