//! Which decisions this node made just now for callers that may report what came of them.
//!
//! The edge has no door to the database, so this is how it knows an id that is reported. A report
//! that reaches another node, or comes later, is of an unknown request.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use parking_lot::Mutex;

use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::meter::MeterUse;
use crate::domain::request_id::RequestId;
use crate::edge::told::MeterAmounts;
use crate::verify::metered::Metered;

/// For how long what came of a request may be reported.
const RECENT_LASTS: TimeDelta = TimeDelta::minutes(15);
/// Above this many the oldest are forgotten before their time.
pub const RECENT_CAPACITY: usize = 200_000;

/// What a completion must repeat of its decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    pub at: DateTime<Utc>,
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub key: ApiKeyId,
    pub credits: u32,
    /// What is known to be used of meters: what the decision charged, or a report has told since.
    pub meters: MeterAmounts,
}

/// The same before anybody has asked for it. Small, because one is kept of every verify.
pub struct Fresh {
    pub id: RequestId,
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub key: ApiKeyId,
    pub credits: u32,
    pub metered: Metered,
}

impl Fresh {
    /// A request's time is the one in its id.
    fn sorted(&self) -> Recent {
        Recent {
            at: self.id.at().unwrap_or_default(),
            account: self.account,
            workspace: self.workspace,
            key: self.key,
            credits: self.credits,
            meters: MeterAmounts::charged(&self.metered),
        }
    }
}

/// A cheap handle.
#[derive(Clone, Default)]
pub struct RecentDecisions(Arc<Mutex<Known>>);

/// Adding is on the path of every verify and finding is not, so what is added lies in a row until
/// somebody looks.
#[derive(Default)]
struct Known {
    fresh: VecDeque<Fresh>,
    by_id: HashMap<RequestId, Recent>,
    by_age: VecDeque<(DateTime<Utc>, RequestId)>,
}

impl RecentDecisions {
    pub fn add(&self, decided: Fresh) {
        let mut known = self.0.lock();
        if known.fresh.len() >= RECENT_CAPACITY {
            known.fresh.pop_front();
        }
        known.fresh.push_back(decided);
    }

    pub fn find(&self, id: RequestId, now: DateTime<Utc>) -> Option<Recent> {
        let mut known = self.0.lock();
        known.sort_in();
        let found = known.by_id.get(&id);
        found
            .filter(|decided| now - decided.at < RECENT_LASTS)
            .cloned()
    }

    /// Remembers what a report says was used in all of some meters, and tells what that changes. A
    /// report that comes again changes nothing.
    pub fn tell(&self, id: RequestId, told: &MeterAmounts) -> Vec<MeterUse<'static>> {
        let mut known = self.0.lock();
        known.sort_in();
        let decided = known.by_id.get_mut(&id);
        decided.map_or_else(Vec::new, |decided| decided.meters.change_to(told))
    }

    /// Forgets what was told and could not be written, so that it can be told again.
    pub fn take_back(&self, id: RequestId, changes: &[MeterUse<'_>]) {
        let mut known = self.0.lock();
        if let Some(decided) = known.by_id.get_mut(&id) {
            decided.meters.take_back(changes);
        }
    }
}

impl Known {
    fn sort_in(&mut self) {
        while let Some(fresh) = self.fresh.pop_front() {
            let decided = fresh.sorted();
            self.forget(decided.at);
            self.by_age.push_back((decided.at, fresh.id));
            self.by_id.insert(fresh.id, decided);
        }
    }

    fn forget(&mut self, now: DateTime<Utc>) {
        while let Some((at, id)) = self.by_age.front() {
            if now - at < RECENT_LASTS && self.by_age.len() < RECENT_CAPACITY {
                return;
            }
            self.by_id.remove(id);
            self.by_age.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::OsRandom;

    fn decided(second: i64) -> Fresh {
        let at = DateTime::from_timestamp(second, 0).unwrap();
        Fresh {
            id: RequestId::generate(at, &OsRandom).unwrap(),
            account: AccountId(1),
            workspace: WorkspaceId(2),
            key: "aaaaaaaaaaaa".parse().unwrap(),
            credits: 1,
            metered: Metered::default(),
        }
    }

    /// Adds one of this second; its id, and what is to be known of it.
    fn add(recent: &RecentDecisions, second: i64) -> (RequestId, Recent) {
        let fresh = decided(second);
        let known = (fresh.id, fresh.sorted());
        recent.add(fresh);
        known
    }

    #[test]
    fn a_decision_is_known_for_fifteen_minutes() {
        let recent = RecentDecisions::default();
        let (id, decision) = add(&recent, 1_000);
        let after = |second| decision.at + TimeDelta::seconds(second);
        assert_eq!(recent.find(id, after(899)), Some(decision.clone()));
        assert_eq!(recent.find(id, after(900)), None);
        let (other, later) = add(&recent, 1_900);
        assert_eq!(recent.find(other, later.at), Some(later));
        assert_eq!(recent.0.lock().by_id.len(), 1);
    }

    #[test]
    fn more_than_there_is_room_for_forget_the_oldest() {
        let recent = RecentDecisions::default();
        let (first, decision) = add(&recent, 1_000);
        for _ in 0..RECENT_CAPACITY {
            add(&recent, 1_001);
        }
        assert_eq!(recent.find(first, decision.at), None);
        for _ in 0..5 {
            let (id, decision) = add(&recent, 1_001);
            assert!(recent.find(id, decision.at).is_some());
        }
        let known = recent.0.lock();
        assert_eq!(known.by_id.len(), RECENT_CAPACITY);
        assert_eq!(known.by_age.len(), RECENT_CAPACITY);
    }
}
