//! Why a logged request was refused, in sentences, and what would have let it through.

use crate::db::request_log::LogRow;
use crate::domain::decision::DenyReason;
use crate::domain::judgement::grant::OWNER_LEFT;
use crate::domain::limit::Window;
use crate::domain::plan::RateWindow;

const REPLACE: &str = "Create a similar key and move your program to it.";
const HEADER: &str = "Send one key, in one header.";
const RAISE: &str = "Wait until room frees, or raise the limit when you edit the key.";
const SLOWER: &str = "Send more slowly: the answer’s Retry-After says when there is room again.";

/// What was wrong, and the remedy.
pub fn of(reason: DenyReason, row: &LogRow) -> (String, &'static str) {
    let (words, remedy) = match reason {
        DenyReason::Malformed => (
            "What was sent is no key.",
            "Send a whole key, as it was shown.",
        ),
        DenyReason::NotFound => ("Nobody has this key.", "Send a key of this account."),
        DenyReason::IpBlocked => (
            "The address had sent too many unknown keys.",
            "Send a key that is known, or wait until the block ends.",
        ),
        DenyReason::AccountSuspended => (
            "The account was suspended.",
            "Only the operator of this installation can resume it.",
        ),
        DenyReason::Revoked => (
            "The key was revoked, or the secret that was sent had ended with a rotation.",
            "Use the key’s current secret. A revoked key stays so: create a similar one.",
        ),
        DenyReason::Expired => ("The key had expired, and stays so.", REPLACE),
        DenyReason::Disabled => ("The key was disabled.", "Enable it on the key’s page."),
        DenyReason::CredentialRefused => (
            "The account does not take keys in the header that was used.",
            "Send the key in another header.",
        ),
        DenyReason::CustomerMismatch => (
            "The customer-id that was sent is not the one of this account.",
            "Send the right one, or none.",
        ),
        DenyReason::TwoCredentials => ("Two different credentials were sent.", HEADER),
        DenyReason::KeyInUrl => (
            "The key stood in the URL, where others may have read it.",
            "Send it in a header. Rotate it: treat it as exposed.",
        ),
        DenyReason::AmbiguousPath => (
            "The path can be read in more than one way, so what is checked might not be what is \
             served.",
            "Send it plainly: no //, no dot segments, no ; or \\, nothing percent-encoded that \
             need not be.",
        ),
        DenyReason::IpDenied => (
            "The caller’s address was not among the key’s allowed addresses.",
            "Call from one of these, or add the address when you edit the key.",
        ),
        DenyReason::OriginDenied => (
            "The page’s origin was not among the key’s allowed origins.",
            "Call from such a page, or add the origin when you edit the key.",
        ),
        DenyReason::InsufficientScope => (
            "The key’s scope does not hold what the call needs.",
            "Give the key the permission when you edit it, or use a key that has it.",
        ),
        DenyReason::Quota(window) => (quota(window), RAISE),
        DenyReason::RateLimited(window) => (rate(window), SLOWER),
        DenyReason::PlanExhausted => (
            "A meter of the company’s plan was used up.",
            "Wait for the next period, or ask for a larger plan.",
        ),
    };
    (
        named(reason, &row.detail).unwrap_or_else(|| words.to_owned()),
        remedy,
    )
}

/// The same with the name of what was missing, where it was kept.
fn named(reason: DenyReason, what: &str) -> Option<String> {
    if what.is_empty() {
        return None;
    }
    match reason {
        DenyReason::OriginDenied => {
            Some(format!("{what} was not among the key’s allowed origins."))
        }
        DenyReason::InsufficientScope if what == OWNER_LEFT => Some(format!(
            "The key may do what its owner may, and {OWNER_LEFT}."
        )),
        DenyReason::InsufficientScope => Some(format!("The key’s scope does not hold {what}.")),
        DenyReason::PlanExhausted => Some(format!("The plan’s {what} were used up.")),
        _ => None,
    }
}

fn quota(window: Window) -> &'static str {
    match window {
        Window::Total => "The key had made all the requests it may ever make.",
        Window::Daily => "The key had made all the requests it may make in 24 hours.",
        Window::Weekly => "The key had made all the requests it may make in 7 days.",
        Window::Monthly => "The key had made all the requests it may make in 30 days.",
    }
}

fn rate(window: RateWindow) -> &'static str {
    match window {
        RateWindow::Second => "The company had made all the requests its plan allows in a second.",
        RateWindow::Minute => "The company had made all the requests its plan allows in a minute.",
    }
}
