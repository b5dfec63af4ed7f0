//! The steps of a decision that need nothing but what is known of a key: one walk for the check of
//! each request and for the page that explains it, so that the two cannot disagree.
//!
//! What comes before, finding the key, and what comes after, its limits, ask for more than facts.

pub mod grant;
mod network;
pub mod room;

use std::borrow::Cow;
use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::account::CredentialKind;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::key_state::KeyTimes;
use crate::domain::network::Network;

/// The page that a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// We do not see the request itself.
    NotTold,
    /// The request has no `Origin` header.
    Absent,
    Is(&'a str),
}

/// What a request wants to do. What is asked must pass; where nothing is, no grant is checked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ask<'a> {
    pub permission: Option<&'a str>,
    /// To be mapped to a permission by the catalogue's routes. The path is without its query.
    pub route: Option<(Method, &'a str)>,
    pub resource: Option<&'a str>,
}

/// What is known of a key and of its account at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub suspended: bool,
    pub customer_id: &'a str,
    /// Ways to send a key that the account does not take.
    pub refused_credentials: &'a [CredentialKind],
    pub times: &'a KeyTimes,
    /// Whether the secret that was presented has ended, although the key lives on.
    pub secret_ended: bool,
    /// `None` is from everywhere.
    pub network: Option<&'a Network>,
    pub now: DateTime<Utc>,
}

/// How a request came.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// In which header the key came; `None` where somebody else took it from the request.
    pub credential: Option<CredentialKind>,
    /// The `customer-id` header, if sent.
    pub customer_id: Option<&'a str>,
    /// A fault of the request itself.
    pub fault: Option<DenyReason>,
    pub ip: Option<IpAddr>,
    pub origin: Origin<'a>,
}

/// A step before the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Account,
    Revocation,
    Expiry,
    Disabling,
    Header,
    Customer,
    Request,
    Addresses,
    Origins,
}

impl Step {
    /// In the order in which they are taken: the first that refuses is the one that is told.
    pub const ALL: [Self; 9] = [
        Self::Account,
        Self::Revocation,
        Self::Expiry,
        Self::Disabling,
        Self::Header,
        Self::Customer,
        Self::Request,
        Self::Addresses,
        Self::Origins,
    ];

    /// Why this step lets the request go no further; `None` if it does.
    pub fn refusal(self, known: &Known<'_>, sent: &Sent<'_>) -> Option<Refusal> {
        let reason = match self {
            Self::Account => known.suspended.then_some(DenyReason::AccountSuspended),
            Self::Revocation => {
                let revoked = known.secret_ended || known.times.is_revoked();
                revoked.then_some(DenyReason::Revoked)
            }
            Self::Expiry => {
                let expired = known.times.is_expired(known.now);
                expired.then_some(DenyReason::Expired)
            }
            Self::Disabling => known.times.is_disabled().then_some(DenyReason::Disabled),
            Self::Header => sent
                .credential
                .filter(|sent| known.refused_credentials.contains(sent))
                .map(|_| DenyReason::CredentialRefused),
            Self::Customer => sent
                .customer_id
                .filter(|sent| *sent != known.customer_id)
                .map(|_| DenyReason::CustomerMismatch),
            Self::Request => sent.fault,
            Self::Addresses => return network::address_refusal(known.network?, sent.ip),
            Self::Origins => return network::origin_refusal(known.network?, sent.origin),
        };
        reason.map(Refusal::from)
    }
}

/// The refusal of the first step that has one.
pub fn refusal(known: &Known<'_>, sent: &Sent<'_>) -> Option<Refusal> {
    let mut steps = Step::ALL.into_iter();
    steps.find_map(|step| step.refusal(known, sent))
}

/// Why a request goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub reason: DenyReason,
    /// What was missing or used up, by name: a permission, an address, an origin, a meter.
    pub missing: Option<Box<str>>,
}

impl Refusal {
    pub fn missing(reason: DenyReason, what: impl Into<Box<str>>) -> Self {
        Self {
            reason,
            missing: Some(what.into()),
        }
    }

    /// The words of the `documented` profile, with the name of what was missing.
    pub fn message(&self) -> Cow<'static, str> {
        message(self.reason, self.missing.as_deref())
    }
}

impl From<DenyReason> for Refusal {
    fn from(reason: DenyReason) -> Self {
        Self {
            reason,
            missing: None,
        }
    }
}

/// As `Refusal::message`.
pub fn message(reason: DenyReason, missing: Option<&str>) -> Cow<'static, str> {
    match (reason, missing) {
        (DenyReason::PlanExhausted, Some(meter)) => {
            format!("exceeded the {meter} limit on your subscription").into()
        }
        (DenyReason::InsufficientScope, Some(grant::OWNER_LEFT)) => {
            format!("This API key may not do this: {}", grant::OWNER_LEFT).into()
        }
        (DenyReason::InsufficientScope, Some(what)) => {
            format!("This API key may not do this: {what} is missing").into()
        }
        (DenyReason::IpDenied | DenyReason::OriginDenied, Some(what)) => {
            format!("{}: {what}", reason.message()).into()
        }
        _ => reason.message().into(),
    }
}

#[cfg(test)]
mod tests;
