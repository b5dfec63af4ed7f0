//! One refusal as its caller reads it: status, headers and body in the account's profile.
//!
//! Whoever sent no key that works belongs to no account and reads the `documented` profile. The
//! codes and both forms are in `docs/errors.md`, which a test holds against this.

mod problem;
pub mod rate_limit;

use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderValue;
use serde::Serialize;

use crate::domain::account::ErrorProfile;
use crate::domain::decision::DenyReason;
use crate::domain::limit::LimitStates;
use crate::domain::plan::RateWindow;
use crate::domain::request_id::RequestId;
use crate::edge::refusal::rate_limit::Exceeded;
use crate::verify::Denial;
use crate::verify::Holder;

/// The schemes in which a key may be sent.
const KEY_CHALLENGE: HeaderValue =
    HeaderValue::from_static(r#"Bearer realm="latchkey", ApiKey realm="latchkey""#);
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub reason: DenyReason,
    pub profile: ErrorProfile,
    pub request_id: RequestId,
    /// The words of the `documented` profile, with the name of what was missing.
    pub message: Cow<'static, str>,
    missing: Option<Box<str>>,
    /// When it is worth to come again, if waiting helps.
    retry_after: Option<Duration>,
    limits: LimitStates,
}

impl Refusal {
    pub fn of(denial: &Denial, request_id: RequestId) -> Self {
        let limits = denial.limits;
        Self {
            reason: denial.reason,
            profile: profile_of(denial.holder.as_ref()),
            request_id,
            message: denial.message(),
            missing: denial.missing.clone(),
            retry_after: denial
                .retry_after
                .or_else(|| waiting_helps(denial.reason, &limits)),
            limits,
        }
    }

    /// A refusal that needs no more words than its reason has.
    pub fn plain(reason: DenyReason, holder: &Holder, request_id: RequestId) -> Self {
        Self::of(&Denial::new(reason, Some(holder.clone())), request_id)
    }

    pub fn status(&self) -> StatusCode {
        let status = self.reason.status_in(self.profile);
        StatusCode::from_u16(status).unwrap_or(StatusCode::UNAUTHORIZED)
    }

    pub fn content_type(&self) -> HeaderValue {
        match self.profile {
            ErrorProfile::Documented => JSON,
            ErrorProfile::Standard => PROBLEM,
        }
    }

    /// JSON.
    pub fn body(&self) -> String {
        let body = match self.profile {
            ErrorProfile::Documented => serde_json::to_string(&Documented {
                error: &self.message,
            }),
            ErrorProfile::Standard => serde_json::to_string(&problem::of(self)),
        };
        // Texts and numbers: there is nothing in it that has no form in JSON.
        body.unwrap_or_default()
    }

    /// Adds what goes with the body, but for its type.
    pub fn add_headers(&self, headers: &mut HeaderMap) {
        let status = self.status();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, KEY_CHALLENGE);
        }
        // In the documented profile a quota is a 401, and such an answer says nothing of waiting.
        if status != StatusCode::UNAUTHORIZED
            && let Some(after) = self.retry_after
        {
            headers.insert(header::RETRY_AFTER, whole_seconds(after).into());
        }
        if self.profile == ErrorProfile::Standard {
            rate_limit::add(headers, &self.limits, self.exceeded());
        }
    }

    /// The rate or meter that is used up, which the key's own limits do not tell.
    fn exceeded(&self) -> Option<Exceeded<'_>> {
        let name = match self.reason {
            DenyReason::RateLimited(window) => window.as_str(),
            DenyReason::PlanExhausted => self.missing.as_deref()?,
            _ => return None,
        };
        let after = self.retry_after;
        Some(Exceeded { name, after })
    }
}

#[derive(Serialize)]
struct Documented<'a> {
    error: &'a str,
}

/// How the account's callers are answered; who has none is answered as it is by default.
pub fn profile_of(holder: Option<&Holder>) -> ErrorProfile {
    holder
        .map(|holder| holder.account.profile)
        .unwrap_or_default()
}

/// When a refusal that says nothing of time ends by itself, at the latest.
fn waiting_helps(reason: DenyReason, limits: &LimitStates) -> Option<Duration> {
    match reason {
        DenyReason::Quota(window) => {
            let states = limits.iter().flatten();
            let mut frees = states.filter(|state| state.window == window);
            frees.find_map(|state| state.frees_in?.to_std().ok())
        }
        DenyReason::RateLimited(RateWindow::Second) => Some(Duration::from_secs(1)),
        DenyReason::RateLimited(RateWindow::Minute) => Some(Duration::from_mins(1)),
        _ => None,
    }
}

/// Whoever waits for so long does not come too early, and nobody is told not to wait.
fn whole_seconds(after: Duration) -> u64 {
    let begun = u64::from(after.subsec_nanos() > 0);
    (after.as_secs() + begun).max(1)
}

#[cfg(test)]
mod tests;
