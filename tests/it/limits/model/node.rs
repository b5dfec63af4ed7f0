//! One node of the model: the real ledger, and what is on its way to the counters and back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use latchkey::domain::account::AccountId;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::lease::Charge;
use latchkey::domain::lease::Grant;
use latchkey::domain::lease::Leftover;
use latchkey::domain::lease::Subject;
use latchkey::domain::plan::Plan;
use latchkey::verify::ledger::Bill;
use latchkey::verify::ledger::Cell;
use latchkey::verify::ledger::Charged;
use latchkey::verify::ledger::Ledger;
use latchkey::verify::ledger::Question;

use super::counters::Micros;
use super::op::Caps;

pub const METER: &str = "credits";
const ACCOUNT: AccountId = AccountId(1);
const PLAN: &str = "standard";
/// One part in a million each; the clocks of two machines differ by no more.
const DRIFTS: [i64; 4] = [0, -900, 900, -400];

/// Units of each subject.
pub type Units = BTreeMap<Subject, u64>;

pub struct Node {
    ledger: Ledger,
    key: Arc<Cell>,
    /// The caps that it has heard of.
    pub learned: usize,
    /// What it was granted and neither charged nor let go of.
    pub holds: Units,
    pub asked: Option<Asked>,
    /// Where the last request was charged that may come to nothing.
    receipt: Vec<(Arc<Cell>, Charge)>,
    origin: Duration,
    drift: i64,
}

/// Questions on their way.
pub struct Asked {
    pub questions: Vec<Question>,
    at: Duration,
    pub grants: Option<Vec<Grant>>,
}

pub fn key() -> ApiKeyId {
    "aaaaaaaaaaaa".parse().unwrap()
}

impl Node {
    pub fn start(number: usize, caps: &Caps, learned: usize) -> Self {
        let ledger = Ledger::default();
        ledger.set_plans(vec![plan(caps)]);
        ledger.set_plan(ACCOUNT, PLAN);
        let key = ledger.key(ACCOUNT, key(), &caps.key);
        Self {
            ledger,
            key,
            learned,
            holds: Units::new(),
            asked: None,
            receipt: Vec::new(),
            origin: Duration::from_hours(1 + number as u64),
            drift: DRIFTS[number % DRIFTS.len()],
        }
    }

    /// Its own clock, which is never set and runs a little wrong.
    fn clock(&self, now: Micros) -> Duration {
        let passed = now + now / 1_000_000 * self.drift;
        self.origin + Duration::from_micros(passed.unsigned_abs())
    }

    pub fn learn(&mut self, caps: &Caps, learned: usize) {
        self.ledger.set_plans(vec![plan(caps)]);
        self.key = self.ledger.key(ACCOUNT, key(), &caps.key);
        self.learned = learned;
    }

    /// A request that costs `credits`; what it is charged, if it is let in. `None` if the counters
    /// must be asked first.
    pub fn call(&mut self, credits: u64, now: Micros) -> Option<Result<Units, Subject>> {
        let mut costs = vec![(Arc::clone(&self.key), 1)];
        let cells = self.ledger.account(ACCOUNT).unwrap();
        costs.extend(cells.rate.clone().map(|rate| (rate, 1)));
        let meters = cells.meters.iter().map(|(_, cell)| Arc::clone(cell));
        costs.extend(meters.map(|meter| (meter, credits)));
        let mut bill = Bill::default();
        for (cell, amount) in &costs {
            assert!(bill.add(cell, *amount));
        }
        match self.ledger.charge(&bill, self.clock(now)) {
            Charged::Waiting(_) => None,
            Charged::No(exhausted) => Some(Err(exhausted.cell.subject.clone())),
            Charged::Yes(_, receipt) => {
                let cells = costs.iter().map(|(cell, _)| Arc::clone(cell));
                let charged = cells.filter_map(|cell| {
                    let charge = match cell.subject {
                        Subject::Key(_) => receipt.key,
                        Subject::Rate => receipt.rate,
                        Subject::Meter(_) => None,
                    };
                    Some((cell, charge?))
                });
                self.receipt = charged.collect();
                let costs = costs.into_iter().filter(|(_, amount)| *amount > 0);
                let charged: Units = costs
                    .map(|(cell, amount)| (cell.subject.clone(), amount))
                    .collect();
                self.let_go(&charged);
                Some(Ok(charged))
            }
        }
    }

    /// The last request that it let in came to nothing, whatever happened since.
    pub fn take_back(&mut self, now: Micros) {
        let now = self.clock(now);
        for (cell, charge) in std::mem::take(&mut self.receipt) {
            *self.holds.entry(cell.subject.clone()).or_default() += 1;
            self.ledger.take_back(&cell, charge, now);
        }
    }

    pub fn put(&mut self, now: Micros) {
        if self.asked.is_none() {
            let at = self.clock(now);
            let questions = self.ledger.questions(100, at);
            self.asked = Some(Asked {
                questions,
                at,
                grants: None,
            });
        }
    }

    /// The answer comes.
    pub fn answer(&mut self, now: Micros) {
        let Some(asked) = self.asked.take() else {
            return;
        };
        let Some(grants) = &asked.grants else {
            self.asked = Some(asked);
            return;
        };
        for (question, grant) in asked.questions.iter().zip(grants) {
            let subject = question.ask().subject.clone();
            *self.holds.entry(subject).or_default() += grant.amount;
        }
        let now = self.clock(now);
        self.ledger.answer(&asked.questions, grants, asked.at, now);
    }

    /// The answer is lost, or the question was. What was granted in vain.
    pub fn lose(&mut self) -> Units {
        let Some(asked) = self.asked.take() else {
            return Units::new();
        };
        self.ledger.unanswered(&asked.questions);
        let grants = asked.grants.unwrap_or_default();
        let granted = asked.questions.iter().zip(grants);
        granted
            .map(|(question, grant)| (question.ask().subject.clone(), grant.amount))
            .collect()
    }

    /// What it will not spend, now or because it stops.
    pub fn leftovers(&mut self, now: Micros, stops: bool) -> Vec<Leftover> {
        if stops {
            self.ledger.close();
        } else {
            self.ledger.reclaim(self.clock(now));
        }
        let leftovers = self.ledger.leftovers(100);
        for left in &leftovers {
            self.let_go(&Units::from([(left.subject.clone(), left.amount)]));
        }
        leftovers
    }

    fn let_go(&mut self, units: &Units) {
        for (subject, amount) in units {
            let held = self.holds.entry(subject.clone()).or_default();
            assert!(*amount <= *held, "it never held {subject}");
            *held -= amount;
        }
    }
}

fn plan(caps: &Caps) -> Plan {
    Plan {
        slug: PLAN.to_owned(),
        name: "Standard".to_owned(),
        per_second: caps.per_second,
        per_minute: caps.per_minute,
        meters: caps
            .meter
            .map(|cap| (METER.to_owned(), cap))
            .into_iter()
            .collect(),
    }
}
