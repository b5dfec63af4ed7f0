//! What a batch adds to the rollups and to the keys' last use.

use std::collections::BTreeMap;
use std::collections::HashMap;

use chrono::DateTime;
use chrono::DurationRound;
use chrono::TimeDelta;
use chrono::Utc;
use foldhash::fast::RandomState;
use ipnet::IpNet;

use crate::db::key_use::KeyRequests;
use crate::db::key_use::KeyUse;
use crate::db::request_log::Completed;
use crate::db::usage::KeyHour;
use crate::db::usage::OutcomeHour;
use crate::db::usage::Sums;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::DenyReason;
use crate::domain::latency::Latencies;
use crate::spool::record::DecisionRecord;
use crate::workers::log_shipper::references::clamped;

/// A request with an answer of this status or above has failed.
const FAILED_STATUS: i32 = 400;

#[derive(Debug, Default)]
pub struct Tally {
    pub hours: BTreeMap<KeyHour, Sums>,
    pub outcomes: BTreeMap<OutcomeHour, i64>,
    uses: BTreeMap<Secret, KeyUse>,
}

/// With its generation.
type Secret = (AccountId, ApiKeyId, i16);

impl Tally {
    pub fn of(decisions: &[DecisionRecord<'_>]) -> Self {
        let mut tally = Self::default();
        let mut hours: HashMap<KeyHour, Sums, RandomState> = HashMap::default();
        let mut uses: HashMap<Secret, KeyUse, RandomState> = HashMap::default();
        for decision in decisions {
            let hour = KeyHour {
                account: decision.account,
                key: decision.key,
                hour: hour_of(decision.at),
                workspace: decision.workspace,
            };
            count_in(hours.entry(hour).or_default(), decision);
            let denied = i16::from(decision.denied.map_or(0, DenyReason::number));
            tally.count(
                hour,
                outcome(denied, decision.status.map(u16::cast_signed)),
                1,
            );
            if is_use(decision.denied) {
                let secret = (decision.account, decision.key, decision.generation);
                let this = use_of(decision);
                uses.entry(secret)
                    .and_modify(|before| widen(before, &this))
                    .or_insert(this);
            }
        }
        tally.hours = hours.into_iter().collect();
        tally.uses = uses.into_iter().collect();
        tally
    }

    /// With what was counted of later decisions.
    pub fn add(&mut self, later: Self) {
        for (hour, sums) in later.hours {
            self.hours.entry(hour).or_default().add(&sums);
        }
        for (at, requests) in later.outcomes {
            *self.outcomes.entry(at).or_default() += requests;
        }
        for (secret, used) in later.uses {
            self.uses
                .entry(secret)
                .and_modify(|before| widen(before, &used))
                .or_insert(used);
        }
    }

    /// How many sums this holds in memory.
    pub fn sums(&self) -> usize {
        self.hours.len() + self.outcomes.len() + self.uses.len()
    }

    /// A request that was counted when it was decided, and now has its outcome.
    pub fn complete(&mut self, row: &Completed) {
        let Ok(key) = row.key_id.parse() else {
            return;
        };
        let hour = KeyHour {
            account: AccountId(row.account_id),
            key,
            hour: hour_of(row.at),
            workspace: WorkspaceId(row.workspace_id),
        };
        self.count(hour, outcome(row.code, row.status_before), -1);
        self.count(hour, outcome(row.code, Some(row.status)), 1);
        let denied = row.code != 0;
        let before = is_failed(denied, row.status_before.map(i32::from));
        let after = is_failed(denied, Some(i32::from(row.status)));
        let mut latencies = Latencies::default();
        if !denied {
            latencies.note(row.duration_us.cast_unsigned(), 1);
            if let Some(before) = row.duration_us_before {
                latencies.note(before.cast_unsigned(), -1);
            }
        }
        self.hours.entry(hour).or_default().add(&Sums {
            requests: 0,
            failed: i64::from(after) - i64::from(before),
            credits: i64::from(row.credits) - i64::from(row.credits_before),
            latencies,
        });
    }

    fn count(&mut self, at: KeyHour, outcome: Option<i16>, requests: i64) {
        let Some(outcome) = outcome else {
            return;
        };
        let at = OutcomeHour {
            account: at.account,
            workspace: at.workspace,
            hour: at.hour,
            key: at.key,
            outcome,
        };
        *self.outcomes.entry(at).or_default() += requests;
    }

    /// In the order of the keys.
    pub fn uses(&self) -> Vec<KeyUse> {
        self.uses.values().copied().collect()
    }

    /// Of each key, whatever became of them.
    pub fn requests(&self) -> KeyRequests {
        let mut requests = KeyRequests::new();
        for (at, sums) in &self.hours {
            *requests.entry((at.account, at.key)).or_default() += sums.requests;
        }
        requests
    }
}

fn count_in(sums: &mut Sums, decision: &DecisionRecord<'_>) {
    let failed = is_failed(decision.denied.is_some(), decision.status.map(i32::from));
    sums.requests += 1;
    sums.failed += i64::from(failed);
    sums.credits += i64::from(decision.credits);
    // A refusal takes no time worth telling, and would hide what the answers took.
    if let (None, Some(duration_us)) = (decision.denied, decision.duration_us) {
        sums.latencies.note(clamped(duration_us).cast_unsigned(), 1);
    }
}

fn use_of(decision: &DecisionRecord<'_>) -> KeyUse {
    KeyUse {
        account: decision.account,
        key: decision.key,
        generation: decision.generation,
        requests: 1,
        first_at: decision.at,
        last_at: decision.at,
        last_ip: decision.ip.map(IpNet::from),
    }
}

/// Of two uses at the same moment the later one in the spool is the last.
fn widen(before: &mut KeyUse, later: &KeyUse) {
    before.requests += later.requests;
    before.first_at = before.first_at.min(later.first_at);
    if later.last_at >= before.last_at {
        before.last_at = later.last_at;
        before.last_ip = later.last_ip;
    }
}

/// What the rollup of failures calls this end of a request; `None` for a success, and for what has
/// not ended.
fn outcome(denied: i16, status: Option<i16>) -> Option<i16> {
    let failed = status.filter(|status| i32::from(*status) >= FAILED_STATUS);
    if denied == 0 { failed } else { Some(denied) }
}

fn is_failed(denied: bool, status: Option<i32>) -> bool {
    denied || status.is_some_and(|status| status >= FAILED_STATUS)
}

/// Knocking with a key that is off or over does not use it: "last used" says when it last could
/// have done something.
fn is_use(denied: Option<DenyReason>) -> bool {
    !matches!(
        denied,
        Some(
            DenyReason::Disabled
                | DenyReason::Revoked
                | DenyReason::Expired
                | DenyReason::AccountSuspended
        )
    )
}

fn hour_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at)
}
