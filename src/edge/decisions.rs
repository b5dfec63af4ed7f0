//! From a request to its decision, and from the decision to its record. Every face goes this way.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::HeaderMap;

use crate::domain::clock::SharedClock;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::endpoint::Surface;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::request_id::RequestId;
use crate::edge::counters::DecisionCounters;
use crate::edge::credentials;
use crate::edge::credentials::KeyInQuery;
use crate::edge::error::EdgeError;
use crate::edge::recent::Recent;
use crate::edge::recent::RecentDecisions;
use crate::edge::redact;
use crate::edge::refusals;
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

/// What a request without a body of its own is charged.
pub const CREDITS_DEFAULT: u32 = 1;

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

/// The facts of a request that its row keeps.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub request_id: RequestId,
    pub surface: Surface,
    pub method: Option<Method>,
    /// Without its query; empty when not told.
    pub path: &'a str,
    pub agent: &'a str,
    pub ip: Option<IpAddr>,
    /// When it came, by the monotonic clock.
    pub started: Duration,
    /// What it costs if it is allowed.
    pub credits: u32,
}

/// What became of a request when its decision is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Denied(DenyReason),
    /// Allowed, and what it leads to is not known yet, or not to us.
    Allowed,
    /// Allowed, and answered by us with this status.
    Answered(u16),
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

    /// Decides on a request from `ip` that carries its key itself, to `path` with `query`.
    pub fn decide(
        &self,
        headers: &HeaderMap,
        path: &str,
        query: &str,
        ip: IpAddr,
    ) -> Result<Decision, Unavailable> {
        match credentials::in_query(self.prefix(), query) {
            KeyInQuery::None => {}
            KeyInQuery::Broken => return Ok(refusals::deny(DenyReason::KeyInUrl, None)),
            KeyInQuery::Sound(secret) => {
                // Decided on all the same, so that its owner finds in the log that it leaked.
                let found = self.decide_on(&secret, None, Some(ip))?;
                return Ok(refusals::key_in_url(found));
            }
        }
        let secret = match credentials::of(headers) {
            Ok(Some(secret)) => secret,
            Ok(None) => return Ok(refusals::deny(DenyReason::Malformed, None)),
            Err(reason) => return Ok(refusals::deny(reason, None)),
        };
        let decision = self.decide_on(secret, credentials::customer_id(headers), Some(ip))?;
        Ok(refusals::ambiguous_path(decision, path))
    }

    /// Decides on a key alone. One that nobody has is counted against `ip`, where that is known.
    pub fn decide_on(
        &self,
        secret: &str,
        customer_id: Option<&str>,
        ip: Option<IpAddr>,
    ) -> Result<Decision, Unavailable> {
        let decision = self.0.verifier.decide(&Attempt {
            secret,
            customer_id,
        })?;
        if let (Decision::Deny(Denial { holder: None, .. }), Some(ip)) = (&decision, ip) {
            self.0.failed_attempts.note(ip, self.0.clock.now());
        }
        Ok(decision)
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
            Outcome::Denied(reason) => Some(reason.status()),
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
        });
        self.0.spool.append(&record).await?;
        if outcome == Outcome::Allowed && is_reported(asked.surface) {
            self.0.recent.add(
                asked.request_id,
                Recent {
                    at,
                    account: holder.account.id,
                    workspace: holder.workspace.id,
                    key: holder.key.id,
                    credits: asked.credits,
                },
            );
        }
        Ok(())
    }

    /// The allowed request of this name, if it is one whose outcome may still be reported.
    pub fn recent(&self, id: RequestId) -> Option<Recent> {
        self.0.recent.find(id, self.0.clock.now())
    }

    /// Writes what others say came of an allowed request.
    pub async fn report(&self, completion: CompletionRecord) -> Result<(), SpoolUnavailable> {
        self.0.spool.append(&Record::Completion(completion)).await
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
        Ok(EdgeError::Denied(denial.reason))
    }

    /// Writes what came of an allowed request, before that leaves.
    pub async fn complete(
        &self,
        asked: &Asked<'_>,
        holder: &Holder,
        status: u16,
        credits: u32,
    ) -> Result<(), SpoolUnavailable> {
        let record = Record::Completion(CompletionRecord {
            at: at(asked.request_id, &self.0.clock),
            request_id: asked.request_id,
            account: holder.account.id,
            workspace: holder.workspace.id,
            key: holder.key.id,
            status,
            duration_us: self.micros_since(asked.started),
            credits,
        });
        self.0.spool.append(&record).await
    }

    fn micros_since(&self, started: Duration) -> u32 {
        let passed = self.monotonic().saturating_sub(started);
        u32::try_from(passed.as_micros()).unwrap_or(u32::MAX)
    }
}

/// Of these we do not see ourselves what comes of them.
fn is_reported(surface: Surface) -> bool {
    matches!(surface, Surface::Verify | Surface::ForwardAuth)
}

/// A row's time is the one in its request id, so that the id alone says where the row lies.
fn at(id: RequestId, clock: &SharedClock) -> chrono::DateTime<chrono::Utc> {
    id.at().unwrap_or_else(|| clock.now())
}
