//! The one decision, for every face: format → key id → digest → account → state → expiry.

use crate::crypto::key_secret;
use crate::domain::decision::DenyReason;
use crate::domain::key_state::KeyState;
use crate::verify::Attempt;
use crate::verify::Decision;
use crate::verify::Denial;
use crate::verify::Holder;
use crate::verify::Permit;
use crate::verify::Unavailable;
use crate::verify::Verifier;

impl Verifier {
    /// Says what `attempt` may do. Until the secret has matched, a refusal tells nothing about
    /// whether the key exists.
    pub fn decide(&self, attempt: &Attempt<'_>) -> Result<Decision, Unavailable> {
        let Some(id) = key_secret::key_id_of(&self.prefix, attempt.secret) else {
            return Ok(unknown(DenyReason::Malformed));
        };
        let now = self
            .mirror
            .lease()
            .now(self.clock.monotonic())
            .ok_or(Unavailable)?;
        let tables = self.mirror.tables();
        let Some(key) = tables.key(id) else {
            return Ok(unknown(DenyReason::NotFound));
        };
        let Some(secret) = key.secret(&self.pepper.digest(attempt.secret)) else {
            return Ok(unknown(DenyReason::NotFound));
        };
        let generation = secret.generation;
        let ended_early = secret.retires_at.is_some_and(|at| now >= at);
        // A key whose account or workspace is missing cannot be explained, so it decides nothing.
        let account = tables.account(key.account).ok_or(Unavailable)?;
        let workspace = tables.workspace(key.workspace).ok_or(Unavailable)?;
        let state = key.times.state(now);
        let holder = Holder {
            key,
            account,
            workspace,
            generation,
        };

        let refusal = if holder.account.suspended {
            Some(DenyReason::AccountSuspended)
        } else if ended_early {
            Some(DenyReason::Revoked)
        } else {
            match state {
                KeyState::Revoked => Some(DenyReason::Revoked),
                KeyState::Expired => Some(DenyReason::Expired),
                KeyState::Disabled => Some(DenyReason::Disabled),
                KeyState::Rotating | KeyState::Active => None,
            }
        };
        let wrong_customer = attempt
            .customer_id
            .is_some_and(|sent| sent != holder.account.customer_id);
        Ok(
            match refusal.or(wrong_customer.then_some(DenyReason::CustomerMismatch)) {
                Some(reason) => Decision::Deny(Denial {
                    reason,
                    holder: Some(holder),
                }),
                None => Decision::Allow(Permit { holder }),
            },
        )
    }
}

fn unknown(reason: DenyReason) -> Decision {
    Decision::Deny(Denial {
        reason,
        holder: None,
    })
}
