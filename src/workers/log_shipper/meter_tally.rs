//! What a batch used of the accounts' meters, and what their counters are still to be told of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Datelike;
use chrono::Utc;
use diesel::PgConnection;

use crate::db::DbError;
use crate::db::meter_usage::MeterDay;
use crate::db::meters;
use crate::db::request_log::Completed;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::endpoint::Surface;
use crate::domain::lease::Subject;
use crate::domain::lease::Usage;
use crate::domain::meter::CREDITS;
use crate::domain::meter::MeterUse;
use crate::domain::meter::REQUESTS;
use crate::domain::plan::MeterKind;
use crate::spool::record::CompletionRecord;
use crate::spool::record::DecisionRecord;

/// A calendar month (UTC) of an account's meter: one bucket of its counter.
type Month = (AccountId, Cow<'static, str>, (i32, u32));

#[derive(Debug, Default)]
pub struct MeterTally {
    kinds: Arc<BTreeMap<String, MeterKind>>,
    days: BTreeMap<MeterDay, i64>,
    /// With a moment of the month.
    months: BTreeMap<Month, (DateTime<Utc>, i64)>,
    /// Uses of meters that the catalogue does not know.
    unknown: u64,
}

#[derive(Clone, Copy)]
struct Place {
    account: AccountId,
    workspace: WorkspaceId,
    at: DateTime<Utc>,
}

impl MeterTally {
    pub fn new(kinds: impl Into<Arc<BTreeMap<String, MeterKind>>>) -> Self {
        Self {
            kinds: kinds.into(),
            ..Self::default()
        }
    }

    pub fn decide(&mut self, decision: &DecisionRecord<'_>) {
        let place = Place {
            account: decision.account,
            workspace: decision.workspace,
            at: decision.at,
        };
        if decision.denied.is_none() && decision.surface != Surface::OwnKey {
            self.note(place, Cow::Borrowed(REQUESTS), (1, 0));
            let credits = i64::from(decision.credits);
            self.note(place, Cow::Borrowed(CREDITS), (credits, 0));
        }
        self.note_all(place, &decision.meters);
    }

    /// The meters that a completion tells. Its credits come by `complete`.
    pub fn tell(&mut self, completion: &CompletionRecord) {
        let place = Place {
            account: completion.account,
            workspace: completion.workspace,
            at: completion.at,
        };
        self.note_all(place, &completion.meters);
    }

    /// A request of an earlier batch that now has its outcome.
    pub fn complete(&mut self, row: &Completed) {
        let place = Place {
            account: AccountId(row.account_id),
            workspace: WorkspaceId(row.workspace_id),
            at: row.at,
        };
        let more = i64::from(row.credits) - i64::from(row.credits_before);
        self.note(place, Cow::Borrowed(CREDITS), (more, 0));
    }

    pub fn days(&self) -> &BTreeMap<MeterDay, i64> {
        &self.days
    }

    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// What the counters do not know yet. Every call feeds `requests` and `credits`, so of these
    /// two only what is capped by the account's plan is counted; other meters always are.
    pub fn corrections(&self, conn: &mut PgConnection) -> Result<Vec<Usage>, DbError> {
        let due = || self.months.iter().filter(|(_, (_, amount))| *amount != 0);
        let accounts: BTreeSet<AccountId> = due().map(|((account, ..), _)| *account).collect();
        let capped = meters::capped(conn, &accounts)?;
        // An account that is gone has no counters.
        let counted = |account: &AccountId, meter: &str| {
            let capped = capped.get(account);
            capped.is_some_and(|capped| {
                !matches!(meter, REQUESTS | CREDITS) || capped.contains(meter)
            })
        };
        let usage = due()
            .filter(|((account, meter, _), _)| counted(account, meter))
            .map(|((account, meter, _), (at, amount))| Usage {
                account: *account,
                subject: Subject::Meter((**meter).into()),
                amount: *amount,
                at: *at,
            })
            .collect();
        Ok(usage)
    }

    pub fn add(&mut self, other: Self) {
        for (day, amount) in other.days {
            *self.days.entry(day).or_default() += amount;
        }
        for (month, (at, amount)) in other.months {
            let (_, sum) = self.months.entry(month).or_insert((at, 0));
            *sum += amount;
        }
        self.unknown += other.unknown;
    }

    /// How many sums this holds in memory.
    pub fn sums(&self) -> usize {
        self.days.len() + self.months.len()
    }

    fn note_all(&mut self, place: Place, meters: &[MeterUse<'_>]) {
        for one in meters {
            let meter = match &*one.meter {
                REQUESTS => Cow::Borrowed(REQUESTS),
                CREDITS => Cow::Borrowed(CREDITS),
                other => Cow::Owned(other.to_owned()),
            };
            self.note(place, meter, (one.used, one.charged));
        }
    }

    fn note(&mut self, place: Place, meter: Cow<'static, str>, (used, charged): (i64, i64)) {
        if !self.kinds.contains_key(&*meter) {
            // A catalogue need not count these two.
            self.unknown += u64::from(!matches!(&*meter, REQUESTS | CREDITS));
            return;
        }
        let day = place.at.date_naive();
        if used != charged {
            let month = (place.account, meter.clone(), (day.year(), day.month()));
            let (_, sum) = self.months.entry(month).or_insert((place.at, 0));
            *sum += used - charged;
        }
        if used != 0 {
            let day = MeterDay {
                account: place.account,
                meter,
                day,
                workspace: place.workspace,
            };
            *self.days.entry(day).or_default() += used;
        }
    }
}
