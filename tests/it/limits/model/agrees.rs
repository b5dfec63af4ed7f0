//! PostgreSQL counts as the model does.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use latchkey::db::limits;
use latchkey::domain::lease::Ask;
use latchkey::domain::lease::Grant;
use latchkey::domain::lease::Leftover;
use latchkey::domain::lease::Span;
use latchkey::domain::lease::Subject;
use latchkey::domain::limit::Window;
use latchkey::domain::plan::MeterKind;
use latchkey::domain::plan::RateWindow;

use super::counters::Counters;
use super::counters::Micros;
use super::counters::time;
use super::time as passing;
use crate::db::fixture::Fixture;

const START: Micros = 1_795_000_000_000_000;
const CASES: u32 = 40;
const KEY: [(&str, Span); 4] = [
    ("total", Span::Key(Window::Total)),
    ("daily", Span::Key(Window::Daily)),
    ("weekly", Span::Key(Window::Weekly)),
    ("monthly", Span::Key(Window::Monthly)),
];
const RATE: [(&str, Span); 2] = [
    ("per_second", Span::Rate(RateWindow::Second)),
    ("per_minute", Span::Rate(RateWindow::Minute)),
];
const METER: [(&str, Span); 1] = [("amount", Span::Meter(MeterKind::Period))];

#[derive(Debug, Clone)]
enum Op {
    Take(u64, u64),
    /// So much of the grant that is so far back.
    GiveBack(usize, u64),
    Pass(Micros),
    Change(Vec<Option<u64>>),
}

/// A meter that a plan has is capped; all else may be or not.
fn caps(spans: usize) -> impl Strategy<Value = Vec<Option<u64>>> {
    let always = spans == METER.len();
    let cap = (0..10, 1..40_u64).prop_map(move |(dice, cap)| (always || dice > 2).then_some(cap));
    proptest::collection::vec(cap, spans)
}

fn op(spans: usize) -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (0..3_u64, 0..20_u64).prop_map(|(needed, wanted)| Op::Take(needed, wanted)),
        3 => (0..4_usize, 1..6_u64).prop_map(|(back, amount)| Op::GiveBack(back, amount)),
        4 => passing().prop_map(Op::Pass),
        1 => caps(spans).prop_map(Op::Change),
    ]
}

/// Both counters, and what was granted.
struct Pair<'a> {
    fixture: &'a mut Fixture,
    subject: Subject,
    columns: &'a [(&'static str, Span)],
    table: &'a str,
    caps: Vec<(Span, u64)>,
    model: Counters,
    grants: Vec<Grant>,
    now: Micros,
}

impl Pair<'_> {
    fn run(&mut self, op: Op) {
        match op {
            Op::Pass(time) => self.now += time,
            Op::Change(caps) => self.change(&caps),
            Op::Take(needed, wanted) => self.take(needed, wanted),
            Op::GiveBack(back, amount) => self.give_back(back, amount),
        }
    }

    fn change(&mut self, caps: &[Option<u64>]) {
        let columns = self.columns.iter().zip(caps);
        let sets: Vec<String> = columns
            .clone()
            .map(|((column, _), cap)| {
                let cap = cap.map_or_else(|| "null".to_owned(), |cap| cap.to_string());
                format!("{column} = {cap}")
            })
            .collect();
        self.fixture
            .execute(&format!("update {} set {}", self.table, sets.join(", ")));
        self.caps = columns
            .filter_map(|((_, span), cap)| Some((*span, (*cap)?)))
            .collect();
    }

    fn take(&mut self, needed: u64, wanted: u64) {
        let ask = Ask {
            account: self.fixture.account,
            subject: self.subject.clone(),
            needed,
            wanted,
        };
        let granted = limits::take(&mut self.fixture.conn, &[ask], Some(time(self.now))).unwrap();
        let told = self.model.take(&self.caps, (needed, wanted), self.now, 1);
        if self.caps.is_empty() {
            // It is counted nowhere, for however long.
            assert_eq!(granted[0].amount, told.amount);
        } else {
            assert_eq!(granted, [told]);
        }
        self.grants.push(told);
    }

    fn give_back(&mut self, back: usize, amount: u64) {
        let Some(grant) = self.grants.iter_mut().rev().nth(back) else {
            return;
        };
        let amount = amount.min(grant.amount);
        grant.amount -= amount;
        let charge = grant.charge;
        if amount == 0 || charge.spans == 0 {
            return;
        }
        let leftover = Leftover {
            account: self.fixture.account,
            subject: self.subject.clone(),
            charge,
            amount,
        };
        limits::give_back(&mut self.fixture.conn, &[leftover], Some(time(self.now))).unwrap();
        self.model.give_back(charge, amount, self.now);
    }
}

fn agrees(fixture: Fixture, subject: &Subject, table: &str, columns: &[(&'static str, Span)]) {
    let fixture = std::cell::RefCell::new(fixture);
    let histories = (
        caps(columns.len()),
        proptest::collection::vec(op(columns.len()), 1..30),
    );
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let same = TestRunner::new(config).run(&histories, |(caps, ops)| {
        let mut fixture = fixture.borrow_mut();
        fixture.execute("delete from limit_counters");
        let mut pair = Pair {
            fixture: &mut fixture,
            subject: subject.clone(),
            columns,
            table,
            caps: Vec::new(),
            model: Counters::default(),
            grants: Vec::new(),
            now: START,
        };
        pair.change(&caps);
        for op in ops {
            pair.run(op);
        }
        Ok(())
    });
    same.unwrap();
}

#[test]
fn the_database_counts_keys_as_the_model_does() {
    let mut fixture = Fixture::new();
    let key = fixture.key("counted");
    fixture.execute(&format!(
        "insert into key_limits (account_id, key_id) select account_id, id from api_keys where id = '{key}'
             on conflict do nothing"
    ));
    agrees(fixture, &Subject::Key(key), "key_limits", &KEY);
}

#[test]
fn the_database_counts_rates_as_the_model_does() {
    agrees(Fixture::new(), &Subject::Rate, "plans", &RATE);
}

#[test]
fn the_database_counts_a_month_as_the_model_does() {
    let mut fixture = Fixture::new();
    fixture.execute(
        "insert into meters (slug, label, kind) values ('things', 'Things', 'period');
         insert into plan_meters (plan, meter, amount) values ('standard', 'things', 1)",
    );
    let subject = Subject::Meter("things".into());
    agrees(fixture, &subject, "plan_meters", &METER);
}
