//! What this node may spend of one subject, in memory.

use std::time::Duration;

use parking_lot::Mutex;
use parking_lot::MutexGuard;
use tokio::sync::Notify;

use crate::domain::account::AccountId;
use crate::domain::lease::Ask;
use crate::domain::lease::Charge;
use crate::domain::lease::Grant;
use crate::domain::lease::Leftover;
use crate::domain::lease::Subject;
use crate::verify::ledger::state::State;

/// A subject on this node. One for as long as the process runs, whatever the mirror reloads.
pub struct Cell {
    pub account: AccountId,
    pub subject: Subject,
    state: Mutex<State>,
    /// Told when an answer of the database has come.
    answered: Notify,
}

/// A question that was put, and of which state of the cell.
pub struct Put {
    pub ask: Ask,
    pub epoch: u64,
}

impl Cell {
    pub fn new(account: AccountId, subject: Subject) -> Self {
        Self {
            account,
            subject,
            state: Mutex::default(),
            answered: Notify::new(),
        }
    }

    /// Held for some nanoseconds by requests and by the broker, never while one waits for anything.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    pub fn answered(&self) -> &Notify {
        &self.answered
    }

    /// The question of this cell, which is put now.
    pub fn put(&self, now: Duration) -> Put {
        let mut state = self.lock();
        let (needed, wanted) = state.put(self.bin(), now);
        Put {
            ask: Ask {
                account: self.account,
                subject: self.subject.clone(),
                needed,
                wanted,
            },
            epoch: state.epoch(),
        }
    }

    /// For how long units are wanted ahead: leases of rates end sooner.
    fn bin(&self) -> Duration {
        match self.subject {
            Subject::Rate => Duration::from_millis(100),
            Subject::Key(_) | Subject::Meter(_) => Duration::from_secs(1),
        }
    }

    /// The answer to the question that was put at `asked`; what it grants in vain.
    pub fn answer(
        &self,
        put: &Put,
        grant: &Grant,
        asked: Duration,
        now: Duration,
    ) -> Option<Leftover> {
        let mut state = self.lock();
        let in_vain = if state.answered(put.epoch) {
            state.take_over(put.ask.needed, grant, asked, now)
        } else {
            Some((grant.charge, grant.amount))
        };
        drop(state);
        self.answered.notify_waiters();
        in_vain.and_then(|(charge, amount)| self.leftover(charge, amount))
    }

    /// The database did not answer the question that was put.
    pub fn unanswered(&self) {
        self.lock().unanswered();
        self.answered.notify_waiters();
    }

    /// What this cell will not spend: of a lease that has ended, or all of it once nobody charges
    /// it any more.
    pub fn reclaim(&self, now: Duration) -> Option<Leftover> {
        let (charge, amount) = self.lock().reclaim(now)?;
        self.leftover(charge, amount)
    }

    /// A unit that was charged and is not used. What this cell does not hold any more is to be given
    /// back.
    pub fn take_back(&self, charge: Charge, now: Duration) -> Option<Leftover> {
        let kept = self.lock().take_back(charge, now);
        if kept { None } else { self.leftover(charge, 1) }
    }

    /// Whether it has become one that has a lease, to be looked after from here on.
    pub fn is_new_holder(&self) -> bool {
        self.lock().is_new_holder()
    }

    /// Whether it still has a lease; if not, it need not be looked after.
    pub fn is_holder(&self) -> bool {
        self.lock().is_holder()
    }

    /// Forgets everything, because the caps are others now; what it has is to be given back. The
    /// next charge asks anew.
    pub fn drop_lease(&self) -> Option<Leftover> {
        let dropped = self.lock().drop_lease();
        self.answered.notify_waiters();
        dropped.and_then(|(charge, amount)| self.leftover(charge, amount))
    }

    /// Nothing where no span was charged: what is not capped is not counted.
    fn leftover(&self, charge: Charge, amount: u64) -> Option<Leftover> {
        (amount > 0 && charge.spans != 0).then(|| Leftover {
            account: self.account,
            subject: self.subject.clone(),
            charge,
            amount,
        })
    }
}
