//! Which calls there were: drawn from the keys' rhythms with a seed, so that every demo has the
//! same past.

use std::borrow::Cow;

use chrono::DateTime;
use chrono::NaiveTime;
use chrono::TimeDelta;
use chrono::Utc;
use parking_lot::Mutex;
use rand::Rng;
use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::cli::demo::cast::Traffic;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Surface;
use crate::domain::meter::MeterUse;
use crate::domain::random::NoRandomness;
use crate::domain::random::Random;
use crate::domain::request_id::RequestId;
use crate::spool::record::DecisionRecord;

const SEED: u64 = 20_261_121;

/// Programs go on for a while with a key that has ended: so many per cent of before on the first
/// day, and afterwards.
const AFTER_END_PERCENT: u64 = 40;
const LATER_PERCENT: u64 = 4;

/// A day on which everybody came, and a morning on which the API was down: how many days ago, and
/// how long after midnight.
const SPIKE: (i64, TimeDelta) = (6, TimeDelta::hours(13));
const SPIKE_LENGTH: TimeDelta = TimeDelta::hours(4);
const SPIKE_PERCENT: u64 = 550;
const OUTAGE: (i64, TimeDelta) = (11, TimeDelta::minutes(9 * 60 + 20));
const OUTAGE_LENGTH: TimeDelta = TimeDelta::minutes(40);

/// A key whose past is told.
#[derive(Debug, Clone)]
pub struct Subject {
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub key: ApiKeyId,
    pub traffic: Traffic,
    pub created_at: DateTime<Utc>,
    /// When it stopped working, and what its callers read since.
    pub ended: Option<(DateTime<Utc>, DenyReason)>,
    /// When it got its second secret.
    pub rotated_at: Option<DateTime<Utc>>,
}

/// The calls from `from` to `now`, hour by hour.
pub struct Plan<'a> {
    subjects: &'a [Subject],
    from: DateTime<Utc>,
    now: DateTime<Utc>,
    /// For each hour and each subject: how much of `total` falls there.
    weights: Vec<Vec<u64>>,
    total: u64,
    calls: u64,
    random: SmallRng,
    ids: Seeded,
}

impl<'a> Plan<'a> {
    /// About `calls` calls altogether; `from` is a full hour.
    pub fn new(
        subjects: &'a [Subject],
        (from, now): (DateTime<Utc>, DateTime<Utc>),
        calls: u64,
    ) -> Self {
        let mut random = SmallRng::seed_from_u64(SEED);
        let hours = std::iter::successors(Some(from), |hour| Some(*hour + TimeDelta::hours(1)))
            .take_while(|hour| *hour < now);
        let weights: Vec<Vec<u64>> = hours
            .map(|hour| {
                subjects
                    .iter()
                    .map(|subject| subject.weight(hour, now, &mut random))
                    .collect()
            })
            .collect();
        let total: u64 = weights.iter().flatten().sum();
        Self {
            subjects,
            from,
            now,
            weights,
            total: total.max(1),
            calls,
            random,
            ids: Seeded(Mutex::new(SmallRng::seed_from_u64(SEED + 1))),
        }
    }

    /// How many hours there are.
    pub fn hours(&self) -> usize {
        self.weights.len()
    }

    /// The calls of hour `place`, in the order of their times.
    pub fn hour(&mut self, place: usize) -> anyhow::Result<Vec<DecisionRecord<'static>>> {
        let begin = self.from + TimeDelta::hours(i64::try_from(place).unwrap_or_default());
        let end = self.now.min(begin + TimeDelta::hours(1));
        let span_ms = (end - begin).num_milliseconds().max(1);
        let mut calls = Vec::new();
        for (number, subject) in self.subjects.iter().enumerate() {
            // What is left of the division is rounded by chance, or a quiet key would never call.
            let wanted = self.weights[place][number] * self.calls;
            let count = (wanted + self.random.random_range(0..self.total)) / self.total;
            for _ in 0..count {
                let offset = TimeDelta::milliseconds(self.random.random_range(0..span_ms));
                let at = begin + offset;
                if at >= subject.created_at {
                    calls.push(self.call(number, at)?);
                }
            }
        }
        calls.sort_by_key(|call| call.at);
        Ok(calls)
    }

    fn call(
        &mut self,
        number: usize,
        at: DateTime<Utc>,
    ) -> anyhow::Result<DecisionRecord<'static>> {
        let subject = &self.subjects[number];
        let app = subject.traffic.app;
        let random = &mut self.random;
        let endpoint = app.pick(random);
        let denied = subject
            .ended
            .filter(|(end, _)| at >= *end)
            .map(|(_, reason)| reason);
        let is_outage = is_within(at, self.now, OUTAGE, OUTAGE_LENGTH);
        let is_down = is_outage && random.random_ratio(3, 5);
        let is_fault = random.random_ratio(app.faults_permille(), 1_000);
        let fault = endpoint.fault().filter(|_| is_fault);
        let typical_us = endpoint.typical_ms * 1_000;
        let (status, credits, typical_us) = match (denied, fault) {
            (Some(reason), _) => (reason.status(), 0, 90),
            (None, _) if is_down => (502, 0, 1_400),
            (None, Some(fault)) => (fault, 0, typical_us / 2),
            (None, None) => (endpoint.status, endpoint.credits, typical_us),
        };
        let used = endpoint.meter().filter(|_| credits > 0);
        Ok(DecisionRecord {
            at,
            request_id: RequestId::generate(at, &self.ids)?,
            account: subject.account,
            workspace: subject.workspace,
            key: subject.key,
            generation: subject.generation(at, random),
            surface: Surface::Gateway,
            method: Some(endpoint.method),
            path: Cow::Owned(endpoint.path(random)),
            agent: Cow::Borrowed(app.agent(random)),
            ip: Some(app.address(random)),
            denied,
            detail: Cow::Borrowed(""),
            status: Some(status),
            duration_us: Some(duration_us(typical_us, random)),
            credits,
            meters: used
                .map(|(meter, amount)| MeterUse::afterwards(meter, amount))
                .into_iter()
                .collect(),
        })
    }
}

impl Subject {
    fn weight(&self, hour: DateTime<Utc>, now: DateTime<Utc>, random: &mut SmallRng) -> u64 {
        if hour + TimeDelta::hours(1) <= self.created_at {
            return 0;
        }
        let busy = self
            .traffic
            .rhythm
            .weight(hour, random.random_range(0..100));
        let chance_percent = random.random_range(75..125);
        let is_spike = is_within(hour, now, SPIKE, SPIKE_LENGTH);
        let spike_percent = if is_spike { SPIKE_PERCENT } else { 100 };
        let end_percent = match self.ended {
            Some((end, _)) if hour >= end + TimeDelta::days(1) => LATER_PERCENT,
            Some((end, _)) if hour >= end => AFTER_END_PERCENT,
            _ => 100,
        };
        // What is over of the hour that is now.
        let minutes = (now - hour).num_minutes().clamp(1, 60).unsigned_abs();
        self.traffic.share * busy * chance_percent * spike_percent * end_percent / 1_000_000
            * minutes
            / 60
    }

    /// After a rotation the callers move to the new secret one by one.
    fn generation(&self, at: DateTime<Utc>, random: &mut SmallRng) -> i16 {
        match self.rotated_at {
            Some(rotated) if at >= rotated && random.random_ratio(2, 3) => 2,
            _ => 1,
        }
    }
}

/// Whether `at` lies in the stretch of `length` that began on a day before today.
fn is_within(
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    (days_ago, time): (i64, TimeDelta),
    length: TimeDelta,
) -> bool {
    let midnight = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let begin = midnight - TimeDelta::days(days_ago) + time;
    at >= begin && at < begin + length
}

/// Around `typical_us`; one call in thirty takes some times longer.
fn duration_us(typical_us: u32, random: &mut SmallRng) -> u32 {
    let slow = if random.random_ratio(1, 30) {
        random.random_range(2..8)
    } else {
        1
    };
    typical_us / 100 * random.random_range(60..160) * slow + random.random_range(0..100)
}

/// Chance that is the same every time: good for examples, never for secrets.
struct Seeded(Mutex<SmallRng>);

impl Random for Seeded {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        self.0.lock().fill_bytes(buffer);
        Ok(())
    }
}
