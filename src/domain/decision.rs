//! Why a request is refused: the codes, their statuses and the exact words callers read.

use crate::domain::account::ErrorProfile;
use crate::domain::limit::Window;
use crate::domain::plan::RateWindow;

/// One refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DenyReason {
    /// Not a key at all: wrong letters, length or checksum.
    Malformed,
    /// Nobody has this key, or its secret is another.
    NotFound,
    Disabled,
    Revoked,
    Expired,
    /// The account is suspended by the operator.
    AccountSuspended,
    CustomerMismatch,
    TwoCredentials,
    /// A key in the query string.
    KeyInUrl,
    AmbiguousPath,
    /// A limit of the key is reached.
    Quota(Window),
    /// The account's plan allows no more requests just now.
    RateLimited(RateWindow),
    /// A meter of the account's plan is used up.
    PlanExhausted,
    /// Too many unknown keys from this address; told to further unknown keys only.
    IpBlocked,
    /// The key may not be used from this address.
    IpDenied,
    /// The key may not be used by pages of this origin.
    OriginDenied,
    /// The key's grant does not hold what the request needs.
    InsufficientScope,
    /// The account does not take keys in this header.
    CredentialRefused,
}

impl DenyReason {
    pub const ALL: [Self; 22] = [
        Self::Malformed,
        Self::NotFound,
        Self::Disabled,
        Self::Revoked,
        Self::Expired,
        Self::AccountSuspended,
        Self::CustomerMismatch,
        Self::TwoCredentials,
        Self::KeyInUrl,
        Self::AmbiguousPath,
        Self::Quota(Window::Total),
        Self::Quota(Window::Daily),
        Self::Quota(Window::Weekly),
        Self::Quota(Window::Monthly),
        Self::RateLimited(RateWindow::Second),
        Self::RateLimited(RateWindow::Minute),
        Self::PlanExhausted,
        Self::IpBlocked,
        Self::IpDenied,
        Self::OriginDenied,
        Self::InsufficientScope,
        Self::CredentialRefused,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "MALFORMED",
            Self::NotFound => "NOT_FOUND",
            Self::Disabled => "DISABLED",
            Self::Revoked => "REVOKED",
            Self::Expired => "EXPIRED",
            Self::AccountSuspended => "ACCOUNT_SUSPENDED",
            Self::CustomerMismatch => "CUSTOMER_MISMATCH",
            Self::TwoCredentials => "TWO_CREDENTIALS",
            Self::KeyInUrl => "KEY_IN_URL",
            Self::AmbiguousPath => "AMBIGUOUS_PATH",
            Self::Quota(Window::Total) => "QUOTA_TOTAL",
            Self::Quota(Window::Daily) => "QUOTA_DAILY",
            Self::Quota(Window::Weekly) => "QUOTA_WEEKLY",
            Self::Quota(Window::Monthly) => "QUOTA_MONTHLY",
            Self::RateLimited(_) => "RATE_LIMITED",
            Self::PlanExhausted => "PLAN_EXHAUSTED",
            Self::IpBlocked => "IP_BLOCKED",
            Self::IpDenied => "IP_DENIED",
            Self::OriginDenied => "ORIGIN_DENIED",
            Self::InsufficientScope => "INSUFFICIENT_SCOPE",
            Self::CredentialRefused => "CREDENTIAL_REFUSED",
        }
    }

    /// The HTTP status of the answer, in the `documented` profile.
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed
            | Self::NotFound
            | Self::Disabled
            | Self::Revoked
            | Self::Expired
            | Self::AccountSuspended
            | Self::CredentialRefused
            | Self::Quota(_) => 401,
            Self::CustomerMismatch
            | Self::IpBlocked
            | Self::IpDenied
            | Self::OriginDenied
            | Self::InsufficientScope => 403,
            Self::RateLimited(_) | Self::PlanExhausted => 429,
            Self::TwoCredentials | Self::KeyInUrl | Self::AmbiguousPath => 400,
        }
    }

    /// The HTTP status of the answer in the account's profile.
    pub fn status_in(self, profile: ErrorProfile) -> u16 {
        match (profile, self) {
            (ErrorProfile::Standard, Self::Quota(_)) => 429,
            _ => self.status(),
        }
    }

    /// The words of the `documented` profile, to the letter. Some refusals say more: see
    /// `verify::Denial::message`.
    pub fn message(self) -> &'static str {
        match self {
            Self::Malformed | Self::NotFound => "Invalid API Key",
            Self::Disabled | Self::Revoked | Self::AccountSuspended => "Inactive API Key",
            Self::Expired => "Expired API Key",
            Self::CustomerMismatch => "The customer-id is not the one of this API key",
            Self::TwoCredentials => "Send one API key in one header",
            Self::KeyInUrl => "Send the API key in a header, not in the URL",
            Self::AmbiguousPath => "The path can be read in more than one way",
            Self::Quota(Window::Total) => "Rate limit exceeded: quota total",
            Self::Quota(Window::Daily) => "Rate limit exceeded: quota daily",
            Self::Quota(Window::Weekly) => "Rate limit exceeded: quota weekly",
            Self::Quota(Window::Monthly) => "Rate limit exceeded: quota monthly",
            Self::RateLimited(RateWindow::Second) => {
                "exceeded the per-second rate limit on your subscription"
            }
            Self::RateLimited(RateWindow::Minute) => {
                "exceeded the per-minute rate limit on your subscription"
            }
            Self::PlanExhausted => "exceeded a limit on your subscription",
            Self::IpBlocked => "IP temporarily blocked",
            Self::IpDenied => "This API key may not be used from this address",
            Self::OriginDenied => "This API key may not be used by this origin",
            Self::InsufficientScope => "This API key may not do this",
            Self::CredentialRefused => "Send the API key in another header",
        }
    }

    /// What the console says of a refused request.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Malformed => "malformed key",
            Self::NotFound => "unknown key",
            Self::Disabled => "key disabled",
            Self::Revoked => "key revoked",
            Self::Expired => "key expired",
            Self::AccountSuspended => "account suspended",
            Self::CustomerMismatch => "wrong customer-id",
            Self::TwoCredentials => "two credentials",
            Self::KeyInUrl => "key in the URL",
            Self::AmbiguousPath => "ambiguous path",
            Self::Quota(Window::Total) => "total limit reached",
            Self::Quota(Window::Daily) => "daily limit reached",
            Self::Quota(Window::Weekly) => "weekly limit reached",
            Self::Quota(Window::Monthly) => "monthly limit reached",
            Self::RateLimited(RateWindow::Second) => "per-second rate of the plan reached",
            Self::RateLimited(RateWindow::Minute) => "per-minute rate of the plan reached",
            Self::PlanExhausted => "plan used up",
            Self::IpBlocked => "address blocked",
            Self::IpDenied => "address not allowed",
            Self::OriginDenied => "origin not allowed",
            Self::InsufficientScope => "not in the key's scope",
            Self::CredentialRefused => "header not accepted",
        }
    }

    /// Whether the key is known when it is told, so that its log has a row of it.
    pub fn is_logged(self) -> bool {
        !matches!(self, Self::Malformed | Self::NotFound | Self::IpBlocked)
    }

    /// How the log stores it; 0 is "allowed". Numbers are never used again for another reason.
    pub fn number(self) -> u8 {
        match self {
            Self::Malformed => 1,
            Self::NotFound => 2,
            Self::Disabled => 3,
            Self::Revoked => 4,
            Self::Expired => 5,
            Self::AccountSuspended => 6,
            Self::CustomerMismatch => 7,
            Self::TwoCredentials => 8,
            Self::KeyInUrl => 9,
            Self::AmbiguousPath => 10,
            Self::Quota(Window::Total) => 11,
            Self::Quota(Window::Daily) => 12,
            Self::Quota(Window::Weekly) => 13,
            Self::Quota(Window::Monthly) => 14,
            Self::RateLimited(RateWindow::Second) => 15,
            Self::RateLimited(RateWindow::Minute) => 16,
            Self::PlanExhausted => 17,
            Self::IpBlocked => 18,
            Self::IpDenied => 19,
            Self::OriginDenied => 20,
            Self::InsufficientScope => 21,
            Self::CredentialRefused => 22,
        }
    }

    /// The first reason with this code; the two rates share one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_number_of_its_own() {
        for reason in DenyReason::ALL {
            assert_eq!(DenyReason::from_number(reason.number()), Some(reason));
            let named = DenyReason::from_code(reason.code()).unwrap();
            assert_eq!(named.code(), reason.code());
        }
        assert_eq!(DenyReason::from_number(0), None);
    }
}
