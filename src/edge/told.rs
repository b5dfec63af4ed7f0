//! What the upstream or a report says a request really used.

use std::collections::HashMap;

use crate::domain::meter::METERS_PER_CALL_MAX;
use crate::domain::meter::MeterUse;
use crate::verify::metered::Metered;

/// What a request's completion says of its cost.
#[derive(Debug, Default)]
pub struct Used {
    pub credits: u32,
    /// What is to be added to what the decision told.
    pub meters: Vec<MeterUse<'static>>,
}

impl Used {
    /// What was `charged` was not used.
    pub fn nothing(mut charged: MeterAmounts) -> Self {
        let names = charged.0.iter().map(|(meter, _)| (meter.clone(), 0));
        let none = MeterAmounts(names.collect());
        Self {
            credits: 0,
            meters: charged.change_to(&none),
        }
    }
}

/// How much of each meter, in all; at most `METERS_PER_CALL_MAX`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MeterAmounts(Vec<(Box<str>, i64)>);

impl MeterAmounts {
    /// What the decision says is used. The record knows `requests` and `credits` without this.
    pub fn charged(metered: &Metered) -> Self {
        let uses = metered.uses(true);
        let told = uses.iter().filter(|one| one.used != 0);
        Self(told.map(|one| (Box::from(&*one.meter), one.used)).collect())
    }

    pub fn told(meters: &HashMap<String, i64>) -> Self {
        let mut amounts = Self::default();
        for (meter, amount) in meters {
            amounts.set(meter, *amount);
        }
        amounts
    }

    pub fn of(&self, meter: &str) -> i64 {
        let known = self.0.iter().find(|(known, _)| **known == *meter);
        known.map_or(0, |(_, amount)| *amount)
    }

    /// Whether there was room for it.
    pub fn set(&mut self, meter: &str, amount: i64) -> bool {
        if let Some((_, known)) = self.0.iter_mut().find(|(known, _)| **known == *meter) {
            *known = amount;
            return true;
        }
        let room = self.0.len() < METERS_PER_CALL_MAX;
        if room {
            self.0.push((meter.into(), amount));
        }
        room
    }

    /// What is to be added so that the amounts named in `told` are these.
    pub fn change_to(&mut self, told: &Self) -> Vec<MeterUse<'static>> {
        let mut changes = Vec::new();
        for (meter, amount) in &told.0 {
            let more = amount - self.of(meter);
            if more != 0 && self.set(meter, *amount) {
                changes.push(MeterUse::afterwards(meter, more));
            }
        }
        changes
    }

    pub fn take_back(&mut self, changes: &[MeterUse<'_>]) {
        for change in changes {
            self.set(&change.meter, self.of(&change.meter) - change.used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(of: &[(&str, i64)]) -> MeterAmounts {
        let mut amounts = MeterAmounts::default();
        for (meter, amount) in of {
            amounts.set(meter, *amount);
        }
        amounts
    }

    #[test]
    fn what_is_told_changes_what_was_charged_once() {
        let mut known = amounts(&[("imports", 1)]);
        let told = amounts(&[("imports", 3), ("storage", -40)]);
        let changes = known.change_to(&told);
        let change = MeterUse::afterwards;
        assert_eq!(changes, [change("imports", 2), change("storage", -40)]);
        assert_eq!(known.change_to(&told), []);
        known.take_back(&changes);
        assert_eq!(known.change_to(&told), changes);
        assert_eq!(
            known.change_to(&amounts(&[("imports", 0)])),
            [change("imports", -3)]
        );
    }

    #[test]
    fn more_meters_than_a_call_may_feed_are_passed_over() {
        let mut known = MeterAmounts::default();
        for number in 0..20 {
            known.change_to(&amounts(&[(&format!("m{number}"), 1)]));
        }
        assert_eq!((known.0.len(), known.of("m7"), known.of("m8")), (8, 1, 0));
    }
}
