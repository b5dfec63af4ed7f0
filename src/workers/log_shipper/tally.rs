//! What a batch adds to the rollups and to the keys' last use.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::DurationRound;
use chrono::TimeDelta;
use chrono::Utc;
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
    uses: BTreeMap<(AccountId, ApiKeyId, i16), KeyUse>,
}

impl Tally {
    pub fn of(decisions: &[DecisionRecord<'_>]) -> Self {
        let mut tally = Self::default();
        for decision in decisions {
            let hour = KeyHour {
                account: decision.account,
                key: decision.key,
                hour: hour_of(decision.at),
                workspace: decision.workspace,
            };
            let failed = is_failed(decision.denied.is_some(), decision.status.map(i32::from));
            tally.hours.entry(hour).or_default().add(&Sums {
                requests: 1,
                failed: i64::from(failed),
                credits: i64::from(decision.credits),
                latencies: latencies(decision),
            });
            let denied = i16::from(decision.denied.map_or(0, DenyReason::number));
            tally.count(
                hour,
                outcome(denied, decision.status.map(u16::cast_signed)),
                1,
            );
            if is_use(decision.denied) {
                tally.note_use(decision);
            }
        }
        tally
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

    fn note_use(&mut self, decision: &DecisionRecord<'_>) {
        let secret = (decision.account, decision.key, decision.generation);
        let ip = decision.ip.map(IpNet::from);
        let used = self.uses.entry(secret).or_insert(KeyUse {
            account: decision.account,
            key: decision.key,
            generation: decision.generation,
            requests: 0,
            first_at: decision.at,
            last_at: decision.at,
            last_ip: ip,
        });
        used.requests += 1;
        used.first_at = used.first_at.min(decision.at);
        if decision.at >= used.last_at {
            used.last_at = decision.at;
            used.last_ip = ip;
        }
    }
}

/// A refusal takes no time worth telling, and would hide what the answers took.
fn latencies(decision: &DecisionRecord<'_>) -> Latencies {
    let mut latencies = Latencies::default();
    if let (None, Some(duration_us)) = (decision.denied, decision.duration_us) {
        latencies.note(clamped(duration_us).cast_unsigned(), 1);
    }
    latencies
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
