//! RFC 9457: a refusal of the `standard` profile.

use serde::Serialize;

use crate::domain::decision::DenyReason;
use crate::edge::refusal::Refusal;

/// Of the IETF's `RateLimit` draft. A name only: nothing is ever fetched from there.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";
const QUOTA_EXCEEDED_TITLE: &str =
    "Request cannot be satisfied as assigned quota has been exceeded";
/// Before the code, in small letters and with hyphens.
const OURS: &str = "urn:latchkey:problem:";

#[derive(Serialize)]
pub struct Problem<'a> {
    r#type: String,
    title: String,
    status: u16,
    detail: &'a str,
    code: &'static str,
    request_id: &'a str,
    /// What the key or its plan lacks, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a str>,
    #[serde(rename = "violated-policies", skip_serializing_if = "Option::is_none")]
    violated_policies: Option<[&'a str; 1]>,
}

pub fn of(refusal: &Refusal) -> Problem<'_> {
    let reason = refusal.reason;
    let missing = refusal.missing.as_deref();
    let policy = violated(reason, missing);
    let (r#type, title) = if policy.is_some() {
        (QUOTA_EXCEEDED.to_owned(), QUOTA_EXCEEDED_TITLE.to_owned())
    } else {
        let code = reason.code().to_ascii_lowercase().replace('_', "-");
        (format!("{OURS}{code}"), sentence(reason.in_words()))
    };
    Problem {
        r#type,
        title,
        status: refusal.status().as_u16(),
        detail: &refusal.message,
        code: reason.code(),
        request_id: refusal.request_id.as_str(),
        missing,
        violated_policies: policy.map(|policy| [policy]),
    }
}

/// The name of the policy as the `RateLimit` headers call it.
fn violated(reason: DenyReason, missing: Option<&str>) -> Option<&str> {
    match reason {
        DenyReason::Quota(window) => Some(window.as_str()),
        DenyReason::RateLimited(window) => Some(window.as_str()),
        DenyReason::PlanExhausted => Some(missing.unwrap_or("plan")),
        _ => None,
    }
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
