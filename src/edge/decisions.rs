//! From a request to its decision, and from the decision to its record. Every face goes this way.

mod records;

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
use crate::edge::asked::Asked;
use crate::edge::counters::DecisionCounters;
use crate::edge::credentials;
use crate::edge::credentials::KeyInQuery;
use crate::edge::headers;
use crate::edge::recent::RecentDecisions;
use crate::edge::refusals;
use crate::spool::Spool;
use crate::verify::Attempt;
use crate::verify::Decision;
use crate::verify::Denial;
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
        let decided = self.0.verifier.decide(attempt).await;
        decided.map(|decision| self.watched(attempt, decision))
    }

    fn watched(&self, attempt: &Attempt<'_>, mut decision: Decision) -> Decision {
        if let (Decision::Deny(denial), Some(ip)) = (&mut decision, attempt.ip)
            && denial.holder.is_none()
        {
            self.0.failed_attempts.note(ip, self.0.clock.now());
            self.block(denial, attempt.scope, ip);
        }
        decision
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
}
