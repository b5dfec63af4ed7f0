//! From a request to its decision, and from the decision to its record. Every face goes this way.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use chrono::DateTime;
use chrono::Utc;

use crate::domain::clock::SharedClock;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Surface;
use crate::domain::ip_scope::IpScope;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::meter::MeterUse;
use crate::domain::request_id::RequestId;
use crate::edge::asked::Asked;
use crate::edge::asked::Outcome;
use crate::edge::counters::DecisionCounters;
use crate::edge::credentials;
use crate::edge::credentials::KeyInQuery;
use crate::edge::error::EdgeError;
use crate::edge::headers;
use crate::edge::recent::Recent;
use crate::edge::recent::RecentDecisions;
use crate::edge::redact;
use crate::edge::refusal::Refusal;
use crate::edge::refusals;
use crate::edge::told::MeterAmounts;
use crate::edge::told::Used;
use crate::spool::Spool;
use crate::spool::SpoolUnavailable;
use crate::spool::record::CompletionRecord;
use crate::spool::record::DecisionRecord;
use crate::spool::record::Record;
use crate::verify::Attempt;
use crate::verify::Decision;
use crate::verify::Denial;
use crate::verify::Holder;
use crate::verify::Unavailable;
use crate::verify::Verifier;
use crate::verify::failed_attempts::FailedAttempts;

/// Decides, counts, and writes each decision about a known key down. A cheap handle.
#[derive(Clone)]
pub struct Decisions(Arc<Parts>);

struct Parts {
    verifier: Verifier,
    spool: Spool,
    failed_attempts: FailedAttempts,
    clock: SharedClock,
    recent: RecentDecisions,
    counters: DecisionCounters,
}

impl Decisions {
    pub fn new(
        verifier: Verifier,
        spool: Spool,
        failed_attempts: FailedAttempts,
        clock: SharedClock,
    ) -> Self {
        Self(Arc::new(Parts {
            verifier,
            spool,
            failed_attempts,
            clock,
            recent: RecentDecisions::default(),
            counters: DecisionCounters::register(),
        }))
    }

    pub fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    pub fn spool(&self) -> &Spool {
        &self.0.spool
    }

    pub fn prefix(&self) -> &KeyPrefix {
        self.0.verifier.prefix()
    }

    /// For durations.
    pub fn monotonic(&self) -> Duration {
        self.0.clock.monotonic()
    }

    /// The time of day.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Decides on a request that carries its key itself. `fault` is what the face found wrong with
    /// it; an ambiguous path is found here.
    pub async fn decide(
        &self,
        headers: &HeaderMap,
        asked: &Asked<'_>,
        query: &str,
        fault: Option<DenyReason>,
    ) -> Result<Decision, Unavailable> {
        let mut attempt = Attempt {
            customer_id: credentials::customer_id(headers),
            ip: asked.ip,
            scope: IpScope::of(asked.surface),
            origin: headers::origin_at(asked.surface, headers),
            ask: asked.ask(),
            credits: asked.credits,
            counts: asked.surface != Surface::OwnKey,
            fault: fault.or_else(|| asked.fault()),
            ..Attempt::of("")
        };
        let in_query = credentials::in_query(self.prefix(), query);
        match &in_query {
            KeyInQuery::None => {}
            KeyInQuery::Broken => return Ok(refusals::deny(DenyReason::KeyInUrl, None)),
            KeyInQuery::Sound(secret) => {
                // Decided on all the same, so that its owner finds in the log that it leaked.
                attempt.secret = secret;
                attempt.fault = Some(DenyReason::KeyInUrl);
                return Ok(refusals::key_in_url(self.decide_on(&attempt).await?));
            }
        }
        match credentials::of(headers) {
            Ok(Some(credential)) => {
                attempt.secret = credential.secret;
                attempt.credential = Some(credential.kind);
                self.decide_on(&attempt).await
            }
            Ok(None) => Ok(refusals::deny(DenyReason::Malformed, None)),
            Err(reason) => Ok(refusals::deny(reason, None)),
        }
    }

    /// Decides on what was taken from a request. A key that nobody has is counted against the
    /// address that sent it, where that is known.
    pub async fn decide_on(&self, attempt: &Attempt<'_>) -> Result<Decision, Unavailable> {
        let mut decision = self.0.verifier.decide(attempt).await?;
        if let (Decision::Deny(denial), Some(ip)) = (&mut decision, attempt.ip)
            && denial.holder.is_none()
        {
            self.0.failed_attempts.note(ip, self.0.clock.now());
            self.block(denial, attempt.scope, ip);
        }
        Ok(decision)
    }

    /// Counts an unknown key against its sender; makes another refusal of it where there were many.
    fn block(&self, denial: &mut Denial, scope: Option<IpScope>, ip: IpAddr) {
        let blocks = self.0.verifier.ip_blocks();
        let now = self.monotonic();
        let left = scope.and_then(|scope| blocks.unknown_key(scope, ip, now));
        if left.is_some() {
            denial.reason = DenyReason::IpBlocked;
            denial.retry_after = left;
        }
    }

    /// Counts `decision` and, if it is about a known key, writes it. Only after this may the answer
    /// leave.
    pub async fn record(
        &self,
        asked: &Asked<'_>,
        holder: Option<&Holder>,
        outcome: Outcome,
    ) -> Result<(), SpoolUnavailable> {
        let denied = match outcome {
            Outcome::Denied(reason) => Some(reason),
            Outcome::Allowed | Outcome::Answered(_) => None,
        };
        self.0.counters.count(asked.surface, denied);
        let Some(holder) = holder else {
            return Ok(());
        };
        let status = match outcome {
            Outcome::Denied(reason) => Some(reason.status_in(holder.account.profile)),
            Outcome::Answered(status) => Some(status),
            Outcome::Allowed => None,
        };
        let at = at(asked.request_id, &self.0.clock);
        let record = Record::Decision(DecisionRecord {
            at,
            request_id: asked.request_id,
            account: holder.account.id,
            workspace: holder.workspace.id,
            key: holder.key.id,
            generation: holder.generation,
            surface: asked.surface,
            method: asked.method,
            path: redact::keys(self.prefix(), asked.path),
            agent: redact::keys(self.prefix(), asked.agent),
            ip: asked.ip,
            denied,
            status,
            duration_us: status.map(|_| self.micros_since(asked.started)),
            credits: if outcome == Outcome::Allowed {
                asked.credits
            } else {
                0
            },
            meters: Vec::new(),
        });
        self.0.spool.append(&record).await?;
        if outcome == Outcome::Allowed && asked.surface.is_reported() {
            self.0.recent.add(
                asked.request_id,
                Recent {
                    at,
                    account: holder.account.id,
                    workspace: holder.workspace.id,
                    key: holder.key.id,
                    credits: asked.credits,
                    meters: MeterAmounts::default(),
                },
            );
        }
        Ok(())
    }

    /// The allowed request of this name, if it is one whose outcome may still be reported.
    pub fn recent(&self, id: RequestId) -> Option<Recent> {
        self.0.recent.find(id, self.0.clock.now())
    }

    /// What changes by what a report says a recent request used of meters.
    pub fn tell_meters(&self, id: RequestId, told: &MeterAmounts) -> Vec<MeterUse<'static>> {
        self.0.recent.tell(id, told)
    }

    /// Writes what others say came of an allowed request.
    pub async fn report(&self, completion: CompletionRecord) -> Result<(), SpoolUnavailable> {
        let (id, record) = (completion.request_id, Record::Completion(completion));
        let written = self.0.spool.append(&record).await;
        if let (Err(_), Record::Completion(completion)) = (&written, &record) {
            self.0.recent.take_back(id, &completion.meters);
        }
        written
    }

    /// Writes a refusal and makes its answer.
    pub async fn refuse(
        &self,
        asked: &Asked<'_>,
        denial: &Denial,
    ) -> Result<EdgeError, SpoolUnavailable> {
        self.record(
            asked,
            denial.holder.as_ref(),
            Outcome::Denied(denial.reason),
        )
        .await?;
        let refusal = Refusal::of(denial, asked.request_id);
        Ok(EdgeError::Denied(Box::new(refusal)))
    }

    /// Writes what came of an allowed request, before that leaves.
    pub async fn complete(
        &self,
        asked: &Asked<'_>,
        holder: &Holder,
        status: u16,
        used: Used,
    ) -> Result<(), SpoolUnavailable> {
        let record = Record::Completion(CompletionRecord {
            at: at(asked.request_id, &self.0.clock),
            request_id: asked.request_id,
            account: holder.account.id,
            workspace: holder.workspace.id,
            key: holder.key.id,
            status,
            duration_us: self.micros_since(asked.started),
            credits: used.credits,
            meters: used.meters,
        });
        self.0.spool.append(&record).await
    }

    fn micros_since(&self, started: Duration) -> u32 {
        let passed = self.monotonic().saturating_sub(started);
        u32::try_from(passed.as_micros()).unwrap_or(u32::MAX)
    }
}

/// A row's time is the one in its request id, so that the id alone says where the row lies.
fn at(id: RequestId, clock: &SharedClock) -> DateTime<Utc> {
    id.at().unwrap_or_else(|| clock.now())
}
