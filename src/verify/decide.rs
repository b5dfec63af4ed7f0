//! The one decision, for every face: format → key id → digest → account → state → expiry →
//! network → grant → limits and plan → charge.

use crate::crypto::key_secret;
use crate::domain::decision::DenyReason;
use crate::domain::key_state::KeyState;
use crate::verify::Attempt;
use crate::verify::Decision;
use crate::verify::Denial;
use crate::verify::Holder;
use crate::verify::Unavailable;
use crate::verify::Verifier;
use crate::verify::grant;
use crate::verify::grant::Cost;
use crate::verify::network;

impl Verifier {
    /// Says what `attempt` may do. Until the secret has matched, a refusal tells nothing about
    /// whether the key exists. Only a full pass charges.
    pub async fn decide(&self, attempt: &Attempt<'_>) -> Result<Decision, Unavailable> {
        let mut waited = None;
        loop {
            let (holder, cost) = match self.judge(attempt)? {
                Ok(judged) => judged,
                Err(denial) => return Ok(Decision::Deny(denial)),
            };
            if !attempt.counts {
                return Ok(self.let_in(holder).await);
            }
            // Whoever waited is judged anew: the key may have been revoked meanwhile.
            match self.charge(holder, attempt, cost)? {
                Ok(decision) => return Ok(decision),
                Err(waiting) => self.wait(waiting, &mut waited).await?,
            }
        }
    }

    /// All steps that ask nothing but the mirror.
    fn judge(&self, attempt: &Attempt<'_>) -> Result<Result<(Holder, Cost), Denial>, Unavailable> {
        let Some(id) = key_secret::key_id_of(&self.prefix, attempt.secret) else {
            return Ok(Err(Denial::new(DenyReason::Malformed, None)));
        };
        let now = self
            .mirror
            .lease()
            .now(self.clock.monotonic())
            .ok_or(Unavailable)?;
        let tables = self.mirror.tables();
        let Some(key) = tables.key(id) else {
            return Ok(Err(Denial::new(DenyReason::NotFound, None)));
        };
        let Some(secret) = key.secret(&self.pepper.digest(attempt.secret)) else {
            return Ok(Err(Denial::new(DenyReason::NotFound, None)));
        };
        let generation = secret.generation;
        let ended_early = secret.retires_at.is_some_and(|at| now >= at);
        // A key whose account or workspace is missing cannot be explained, so it decides nothing.
        let account = tables.account(key.account).ok_or(Unavailable)?;
        let workspace = tables.workspace(key.workspace).ok_or(Unavailable)?;
        let state = if ended_early {
            KeyState::Revoked
        } else {
            key.times.state(now)
        };
        let holder = Holder {
            key,
            account,
            workspace,
            generation,
            inherited: None,
        };
        let refusal = stopped(&holder, state)
            .or_else(|| wrong_header(&holder, attempt))
            .or_else(|| wrong_customer(&holder, attempt))
            .or(attempt.fault);
        if let Some(reason) = refusal {
            return Ok(Err(Denial::new(reason, Some(holder))));
        }
        Ok(match network::refusal(&holder, attempt) {
            Some(denial) => Err(denial),
            None => grant::check(&tables, holder, &attempt.ask).map_err(|denial| *denial),
        })
    }
}

/// Why the key works for nobody just now.
fn stopped(holder: &Holder, state: KeyState) -> Option<DenyReason> {
    if holder.account.suspended {
        return Some(DenyReason::AccountSuspended);
    }
    match state {
        KeyState::Revoked => Some(DenyReason::Revoked),
        KeyState::Expired => Some(DenyReason::Expired),
        KeyState::Disabled => Some(DenyReason::Disabled),
        KeyState::Rotating | KeyState::Active => None,
    }
}

/// A header, or a scheme in it, that the account does not take keys in.
fn wrong_header(holder: &Holder, attempt: &Attempt<'_>) -> Option<DenyReason> {
    let sent = attempt.credential?;
    let refused = holder.account.refused_credentials.contains(&sent);
    refused.then_some(DenyReason::CredentialRefused)
}

fn wrong_customer(holder: &Holder, attempt: &Attempt<'_>) -> Option<DenyReason> {
    let sent = attempt.customer_id?;
    (sent != holder.account.customer_id).then_some(DenyReason::CustomerMismatch)
}
