//! What a cell holds and knows; always under its lock.

use std::time::Duration;

use crate::domain::lease::Charge;
use crate::domain::lease::Grant;
use crate::domain::lease::Span;
use crate::domain::limit::LimitStates;
use crate::verify::ledger::demand::Demand;
use crate::verify::ledger::known::Known;

/// A refusal is remembered until room frees, but no longer than this: another node may have given
/// something back.
const REFUSED_FOR_MAX: Duration = Duration::from_secs(1);
/// And no shorter than this, so that a caller that is over a rate asks the database less often.
const REFUSED_FOR_MIN: Duration = Duration::from_millis(5);
/// What is shown of limits is no older than this, where nobody charges them.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// A cell that was not charged for this long gives back what it has.
const IDLE_AFTER: Duration = Duration::from_secs(1);

/// The clocks of two machines run apart by less than one part in this many.
const CLOCKS_APART_PART: u32 = 1_000;

#[derive(Default)]
pub struct State {
    lease: Option<Lease>,
    refused: Option<Refused>,
    known: Known,
    demand: Demand,
    /// What the database has still to be asked, or is being asked.
    question: Question,
    /// Of questions; an answer to one that was put before this cell was dropped grants nothing.
    epoch: u64,
    heard: Heard,
    /// Whether the ledger looks after its lease.
    tracked: bool,
}

struct Lease {
    left: u64,
    /// By the monotonic clock.
    ends: Duration,
    charge: Charge,
}

/// There is less than `from`.
#[derive(Clone, Copy)]
struct Refused {
    from: u64,
    until: Duration,
}

/// How often the database has answered, and how often not.
#[derive(Default, Clone, Copy)]
pub struct Heard {
    pub answers: u64,
    pub unanswered: u64,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Question {
    #[default]
    None,
    Queued,
    Put,
}

/// Whether an amount can be charged to a cell now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    Yes,
    /// The cap is reached.
    No,
    /// The database must be asked.
    Unknown,
}

impl State {
    /// Whether `amount` can be charged at `now`.
    pub fn room(&self, amount: u64, now: Duration) -> Room {
        if self.left(now) >= amount {
            return Room::Yes;
        }
        match self.refused {
            Some(refused) if now < refused.until && amount >= refused.from => Room::No,
            _ => Room::Unknown,
        }
    }

    /// What may still be spent at `now`.
    fn left(&self, now: Duration) -> u64 {
        self.lease
            .as_ref()
            .filter(|lease| now < lease.ends)
            .map_or(0, |lease| lease.left)
    }

    /// Charges `amount`, for which there is room. Whether it is time to ask for more.
    pub fn charge(&mut self, amount: u64, now: Duration) -> bool {
        if let Some(lease) = &mut self.lease {
            lease.left = lease.left.saturating_sub(amount);
        }
        self.demand.charged(amount, now);
        let left = self.left(now);
        self.question == Question::None && self.refused.is_none() && self.demand.is_low(left)
    }

    /// In which buckets a charge is counted now.
    pub fn bin(&self) -> Option<Charge> {
        self.lease.as_ref().map(|lease| lease.charge)
    }

    /// A unit of `charge` is not used after all. Whether it can be spent again here.
    pub fn take_back(&mut self, charge: Charge, now: Duration) -> bool {
        match &mut self.lease {
            Some(lease) if lease.charge == charge && now < lease.ends => {
                lease.left += 1;
                true
            }
            _ => {
                self.known.give_back(1);
                false
            }
        }
    }

    /// Somebody waits for `amount`, of which the lease holds too little.
    pub fn wait_for(&mut self, amount: u64, now: Duration) {
        let missing = amount - self.left(now).min(amount);
        self.demand.waiting(missing);
    }

    /// Whether a question is to be queued; it counts as queued from here on.
    pub fn queue(&mut self) -> bool {
        let free = self.question == Question::None;
        if free {
            self.question = Question::Queued;
        }
        free
    }

    pub fn heard(&self) -> Heard {
        self.heard
    }

    /// The limits of a key and what is used of them, as far as this node knows.
    pub fn limits(&self, now: Duration) -> LimitStates {
        self.known.limits(self.left(now), now)
    }

    /// Whether `limits` tells what the database said lately.
    pub fn is_fresh(&self, now: Duration) -> bool {
        self.known.is_fresh(now, FRESH_FOR)
    }

    /// Why there is no room for `amount`, and for how long.
    pub fn exhausted(&self, amount: u64, now: Duration) -> (Option<Span>, Option<Duration>) {
        let left = self.left(now);
        let retry_in = self.known.retry_in(amount, left, now);
        (self.known.exhausted(amount, left), retry_in)
    }

    /// What is to be asked: the least that is of use, and what is wanted for `ahead`.
    pub fn put(&mut self, ahead: Duration, now: Duration) -> (u64, u64) {
        self.question = Question::Put;
        self.demand.ask(ahead, now)
    }

    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The database has answered a question of `epoch`. Whether the answer still holds.
    pub fn answered(&mut self, epoch: u64) -> bool {
        self.question = Question::None;
        self.heard.answers += 1;
        epoch == self.epoch
    }

    /// The database has not answered.
    pub fn unanswered(&mut self) {
        self.question = Question::None;
        self.heard.unanswered += 1;
    }

    /// Takes over the answer to a question for `needed` that was put at `asked`. Returns what it
    /// replaces: units of an earlier bin.
    pub fn take_over(
        &mut self,
        needed: u64,
        grant: &Grant,
        asked: Duration,
        now: Duration,
    ) -> Option<(Charge, u64)> {
        self.known.learn(&grant.states, now);
        let frees_in = self.known.frees_in(now);
        self.refused = (grant.amount < needed).then(|| Refused {
            from: needed,
            until: now + frees_in.clamp(REFUSED_FOR_MIN, REFUSED_FOR_MAX),
        });
        self.demand.granted(grant.amount, now);
        if grant.amount == 0 {
            return None;
        }
        let ends = asked + spendable(grant);
        match &mut self.lease {
            Some(lease) if lease.charge == grant.charge => {
                lease.left += grant.amount;
                // Both are of the same bin; whichever end was reckoned later is as true.
                lease.ends = lease.ends.max(ends);
                None
            }
            lease => {
                let new = Lease {
                    left: grant.amount,
                    ends,
                    charge: grant.charge,
                };
                let old = lease.replace(new)?;
                self.known.give_back(old.left);
                Some((old.charge, old.left))
            }
        }
    }

    /// Lets go of a lease that has ended, or that nobody charges any more.
    pub fn reclaim(&mut self, now: Duration) -> Option<(Charge, u64)> {
        let idle = self.demand.is_idle(now, IDLE_AFTER);
        let lease = self.lease.take_if(|lease| idle || now >= lease.ends)?;
        self.known.give_back(lease.left);
        Some((lease.charge, lease.left))
    }

    /// Forgets everything but what is wanted.
    pub fn drop_lease(&mut self) -> Option<(Charge, u64)> {
        self.epoch += 1;
        self.refused = None;
        self.known = Known::default();
        let lease = self.lease.take()?;
        Some((lease.charge, lease.left))
    }

    /// Whether it has become one that has a lease, to be looked after from here on.
    pub fn is_new_holder(&mut self) -> bool {
        let new = self.lease.is_some() && !self.tracked;
        self.tracked |= new;
        new
    }

    /// Whether it still has a lease; if not, it need not be looked after.
    pub fn is_holder(&mut self) -> bool {
        self.tracked = self.lease.is_some();
        self.tracked
    }
}

/// For how long a grant may be spent by this machine's clock, which may run slower than the
/// database's.
fn spendable(grant: &Grant) -> Duration {
    let ends_in = grant.ends_in.to_std().unwrap_or_default();
    ends_in.saturating_sub(ends_in / CLOCKS_APART_PART)
}
