//! The one decision, for every face: format → key id → digest → account → state → expiry →
//! network → grant → limits and plan → charge.

use std::time::Duration;

use crate::crypto::key_secret;
use crate::domain::decision::DenyReason;
use crate::domain::judgement;
use crate::domain::judgement::Known;
use crate::domain::judgement::Sent;
use crate::domain::judgement::grant::Cost;
use crate::verify::Attempt;
use crate::verify::Decision;
use crate::verify::Denial;
use crate::verify::Holder;
use crate::verify::Unavailable;
use crate::verify::Verifier;
use crate::verify::grant;
use crate::verify::ledger::Waiting;

/// What a decision may have to wait for.
enum Later {
    /// It passed, and counts for nothing: for the limits that it is told.
    Uncounted(Holder),
    /// Whether there is room, which the database must say.
    Waiting(Waiting),
}

impl Verifier {
    /// Says what `attempt` may do. Until the secret has matched, a refusal tells nothing about
    /// whether the key exists. Only a full pass charges.
    pub async fn decide(&self, attempt: &Attempt<'_>) -> Result<Decision, Unavailable> {
        let mut waited = None;
        loop {
            let later = match self.decide_now(attempt)? {
                Ok(decision) => return Ok(decision),
                Err(later) => later,
            };
            // Boxed, so that a request that need not wait, as nearly all, has no room for it.
            match later {
                Later::Uncounted(holder) => return Ok(Box::pin(self.let_in(holder)).await),
                // Whoever waited is judged anew: the key may have been revoked meanwhile.
                Later::Waiting(waiting) => Box::pin(self.wait(waiting, &mut waited)).await?,
            }
        }
    }

    /// As far as it goes without waiting.
    fn decide_now(&self, attempt: &Attempt<'_>) -> Result<Result<Decision, Later>, Unavailable> {
        let now = self.clock.monotonic();
        Ok(match self.judge(attempt, now)? {
            Err(denial) => Ok(Decision::Deny(denial)),
            Ok((holder, _)) if !attempt.counts => Err(Later::Uncounted(holder)),
            Ok((holder, cost)) => self
                .charge(holder, (attempt.credits, cost), now)?
                .map_err(Later::Waiting),
        })
    }

    /// All steps that ask nothing but the mirror, at `now` by the monotonic clock.
    fn judge(
        &self,
        attempt: &Attempt<'_>,
        now: Duration,
    ) -> Result<Result<(Holder, Cost), Denial>, Unavailable> {
        let Some(id) = key_secret::key_id_of(&self.prefix, attempt.secret) else {
            return Ok(Err(Denial::new(DenyReason::Malformed, None)));
        };
        let now = self.mirror.lease().now(now).ok_or(Unavailable)?;
        let tables = self.mirror.tables();
        let Some(key) = tables.key(id) else {
            return Ok(Err(Denial::new(DenyReason::NotFound, None)));
        };
        let Some(secret) = key.secret(&self.pepper.digest(attempt.secret)) else {
            return Ok(Err(Denial::new(DenyReason::NotFound, None)));
        };
        let generation = secret.generation.get();
        let secret_ended = secret.has_ended(now);
        // A key whose account or workspace is missing cannot be explained, so it decides nothing.
        let account = tables.account(key.account).ok_or(Unavailable)?;
        let workspace = tables.workspace(key.workspace).ok_or(Unavailable)?;
        let holder = Holder {
            key,
            account,
            workspace,
            generation,
            inherited: None,
        };
        let known = Known {
            suspended: holder.account.suspended,
            customer_id: &holder.account.customer_id,
            refused_credentials: &holder.account.refused_credentials,
            times: &holder.key.times(),
            secret_ended,
            network: holder.key.network.as_deref(),
            now,
        };
        let sent = Sent {
            credential: attempt.credential,
            customer_id: attempt.customer_id,
            fault: attempt.fault,
            ip: attempt.ip,
            origin: attempt.origin,
        };
        Ok(match judgement::refusal(&known, &sent) {
            Some(refusal) => Err(Denial::refused(refusal, holder)),
            None => grant::check(&tables, holder, &attempt.ask).map_err(|denial| *denial),
        })
    }
}
