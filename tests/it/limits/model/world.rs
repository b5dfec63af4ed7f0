//! Counters, nodes and callers, and what must be true of them after every step.

use std::collections::BTreeMap;

use latchkey::domain::lease::Grant;
use latchkey::domain::lease::Leftover;
use latchkey::domain::lease::Span;
use latchkey::domain::lease::Subject;
use latchkey::domain::plan::MeterKind;

use super::counters::Counters;
use super::counters::Micros;
use super::counters::length_and_bucket;
use super::counters::month_end;
use super::counters::time;
use super::node::METER;
use super::node::Node;
use super::node::Units;
use super::node::key;
use super::op::Caps;
use super::op::Op;
use super::op::Way;

/// A Wednesday in November.
const START: Micros = 1_795_000_000_000_000;

pub struct World {
    now: Micros,
    caps: Vec<Caps>,
    counters: BTreeMap<Subject, Counters>,
    nodes: Vec<Node>,
    admitted: Vec<(Micros, Units)>,
    /// The last of them, by node.
    last: BTreeMap<usize, usize>,
    late: Vec<Leftover>,
    lost: Units,
}

impl World {
    pub fn new(caps: Caps, nodes: usize) -> Self {
        Self {
            now: START,
            caps: vec![caps],
            counters: BTreeMap::new(),
            nodes: (0..nodes)
                .map(|number| Node::start(number, &caps, 0))
                .collect(),
            admitted: Vec::new(),
            last: BTreeMap::new(),
            late: Vec::new(),
            lost: Units::new(),
        }
    }

    pub fn run(&mut self, op: Op) {
        match op {
            Op::Call(node, credits) => {
                if self.call(node, credits) {
                    return;
                }
                self.nodes[node].put(self.now);
                self.serve(node);
                self.nodes[node].answer(self.now);
                self.call(node, credits);
            }
            Op::Knock(node, credits) => {
                self.call(node, credits);
            }
            Op::TakeBack(node) => {
                if let Some(last) = self.last.remove(&node) {
                    self.nodes[node].take_back(self.now);
                    let of_meter =
                        |subject: &Subject, _: &mut u64| matches!(subject, Subject::Meter(_));
                    self.admitted[last].1.retain(of_meter);
                }
            }
            Op::Pass(time) => self.now += time,
            Op::PassTo(whole, beside) => {
                let next = self.now - self.now % whole + whole;
                self.now = self.now.max(next + beside);
            }
            Op::Put(node) => self.nodes[node].put(self.now),
            Op::Serve(node) => self.serve(node),
            Op::Answer(node) => self.nodes[node].answer(self.now),
            Op::Lose(node) => {
                let lost = self.nodes[node].lose();
                self.lose(lost);
            }
            Op::GiveBack(node, way) => {
                let leftovers = self.nodes[node].leftovers(self.now, false);
                self.give_back(leftovers, way);
            }
            Op::Crash(node) => {
                let lost = self.nodes[node].lose();
                self.lose(lost);
                let lost = std::mem::take(&mut self.nodes[node].holds);
                self.lose(lost);
                let newest = self.caps.len() - 1;
                self.last.remove(&node);
                self.nodes[node] = Node::start(node, &self.caps[newest], newest);
            }
            Op::Change(caps) => self.caps.push(caps),
            Op::Learn(node) => {
                let newest = self.caps.len() - 1;
                self.nodes[node].learn(&self.caps[newest], newest);
            }
        }
    }

    /// Whether it was decided.
    fn call(&mut self, node: usize, credits: u64) -> bool {
        match self.nodes[node].call(credits, self.now) {
            None => false,
            Some(Err(_)) => true,
            Some(Ok(charged)) => {
                let subjects: Vec<_> = charged.keys().cloned().collect();
                self.last.insert(node, self.admitted.len());
                self.admitted.push((self.now, charged));
                for subject in subjects {
                    self.check_never_over(node, &subject);
                }
                true
            }
        }
    }

    fn serve(&mut self, node: usize) {
        let nodes = self.nodes.len() as u64;
        let Some(asked) = &mut self.nodes[node].asked else {
            return;
        };
        let caps = self.caps[self.caps.len() - 1];
        if asked.grants.is_some() {
            return;
        }
        let grants = asked.questions.iter().map(|question| {
            let ask = question.ask();
            let counters = self.counters.entry(ask.subject.clone()).or_default();
            let amounts = (ask.needed, ask.wanted);
            counters.take(&caps.of(&ask.subject), amounts, self.now, nodes)
        });
        asked.grants = Some(grants.collect::<Vec<Grant>>());
    }

    fn give_back(&mut self, leftovers: Vec<Leftover>, way: Way) {
        let straight = match way {
            Way::Straight => leftovers,
            Way::Late => std::mem::replace(&mut self.late, leftovers),
            Way::Lost => {
                for left in leftovers {
                    self.lose(Units::from([(left.subject, left.amount)]));
                }
                return;
            }
        };
        for left in straight {
            let counters = self.counters.entry(left.subject).or_default();
            counters.give_back(left.charge, left.amount, self.now);
        }
    }

    fn lose(&mut self, units: Units) {
        for (subject, amount) in units {
            *self.lost.entry(subject).or_default() += amount;
        }
    }

    /// At no instant more than the cap is younger than its window: by the caps of now, or those
    /// that the node has not heard to be over.
    fn check_never_over(&self, node: usize, subject: &Subject) {
        let heard = &self.caps[self.nodes[node].learned..];
        for (place, (span, _)) in heard[0].of(subject).iter().enumerate() {
            let cap = heard
                .iter()
                .map(|caps| caps.of(subject)[place].1)
                .max()
                .unwrap();
            let counted = self.admitted_since(subject, self.window_start(*span));
            assert!(
                counted <= cap,
                "{counted} of {cap} {span:?} at {}",
                time(self.now)
            );
        }
    }

    /// Everybody stops. What still counts is what was let in lately and what was lost on the way:
    /// a denial has cost nothing, and nothing is set aside any more.
    pub fn end(mut self) {
        for node in 0..self.nodes.len() {
            self.serve(node);
            self.nodes[node].answer(self.now);
            let leftovers = self.nodes[node].leftovers(self.now, true);
            self.give_back(leftovers, Way::Straight);
            assert!(self.nodes[node].holds.values().all(|units| *units == 0));
        }
        self.give_back(Vec::new(), Way::Late);
        let newest = self.caps[self.caps.len() - 1];
        for subject in [
            Subject::Key(key()),
            Subject::Rate,
            Subject::Meter(METER.into()),
        ] {
            let lost = self.lost.get(&subject).copied().unwrap_or_default();
            for (span, _) in newest.of(&subject) {
                let counters = self.counters.entry(subject.clone()).or_default();
                let used = counters.used_at(span, self.now);
                let start = self.window_start(span);
                assert!(used >= self.admitted_since(&subject, start), "{span:?}");
                let late = length_and_bucket(span).map_or(0, |(_, bucket)| lateness(span, bucket));
                let explained = self.admitted_since(&subject, start - late) + lost;
                assert!(
                    used <= explained,
                    "{used} used of {span:?}, {explained} let in or lost"
                );
            }
        }
    }

    /// What was let in at or before this moment does not count any more.
    fn window_start(&self, span: Span) -> Micros {
        match (length_and_bucket(span), span) {
            (Some((length, _)), _) => self.now - length,
            (None, Span::Meter(MeterKind::Period)) => {
                let this_month = month_end(self.now);
                let is_before = |at: &Micros| month_end(*at) < this_month;
                let before = self.admitted.iter().map(|(at, _)| *at).filter(is_before);
                before.max().unwrap_or(START - 1)
            }
            (None, _) => START - 1,
        }
    }

    fn admitted_since(&self, subject: &Subject, start: Micros) -> u64 {
        let lately = self.admitted.iter().rev().take_while(|(at, _)| *at > start);
        lately.filter_map(|(_, units)| units.get(subject)).sum()
    }
}

/// How much later than it must, room frees: a bucket, and a rate per second one more, because its
/// units are taken one ahead.
fn lateness(span: Span, bucket: Micros) -> Micros {
    match span {
        Span::Rate(_) => bucket + 100_000,
        _ => bucket,
    }
}
