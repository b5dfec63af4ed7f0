//! Every refusal, in both profiles, as each face answers it.

mod holder;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::body::MessageBody;
use chrono::DateTime;
use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::domain::limit::LimitState;
use crate::domain::limit::Window;
use crate::domain::random::OsRandom;
use crate::edge::error::EdgeError;
use crate::edge::forward_auth;
use crate::edge::verify;

const PAGE: &str = include_str!("../../../docs/errors.md");
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/// A row of the page.
struct Row {
    documented: u16,
    standard: u16,
    words: String,
}

/// The page's row about `reason`. Those that share a code are told apart by their words.
fn row(reason: DenyReason, missing: Option<&str>) -> Row {
    let code = format!("`{}`", reason.code());
    let rows = PAGE.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, found, documented, standard, words, _] = cells[..] else {
            return None;
        };
        let words = words
            .trim_matches('`')
            .replace("{missing}", missing.unwrap_or("?"));
        (found == code).then(|| Row {
            documented: documented.parse().unwrap(),
            standard: standard.parse().unwrap(),
            words,
        })
    });
    let mut rows: Vec<Row> = rows.collect();
    if let DenyReason::RateLimited(window) = reason {
        rows.retain(|row| row.words.contains(window.as_str()));
    }
    assert_eq!(rows.len(), 1, "{code}");
    rows.remove(0)
}

fn missing(reason: DenyReason) -> Option<&'static str> {
    match reason {
        DenyReason::IpDenied => Some("203.0.113.9"),
        DenyReason::OriginDenied => Some("https://other.example"),
        DenyReason::InsufficientScope => Some("documents:write"),
        DenyReason::PlanExhausted => Some("imports"),
        _ => None,
    }
}

fn denial(reason: DenyReason, profile: ErrorProfile) -> Denial {
    let mut denial = Denial::new(reason, Some(holder::answered_in(profile)));
    denial.missing = missing(reason).map(Box::from);
    denial.retry_after = match reason {
        DenyReason::RateLimited(_) => Some(Duration::from_millis(200)),
        DenyReason::PlanExhausted | DenyReason::IpBlocked => Some(Duration::from_mins(5)),
        _ => None,
    };
    if let DenyReason::Quota(window) = reason {
        denial.limits[0] = Some(LimitState {
            window,
            limit: 10,
            used: 10,
            frees_in: window.bucket(),
        });
    }
    denial
}

fn request_id() -> RequestId {
    RequestId::generate(DateTime::UNIX_EPOCH, &OsRandom).unwrap()
}

fn answered(answer: HttpResponse) -> (u16, HeaderMap, String) {
    let (head, body) = answer.into_parts();
    let body = body.try_into_bytes().unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    (head.status().as_u16(), head.headers().clone(), body)
}

fn said<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next().map(|value| value.to_str().unwrap());
    assert!(values.next().is_none(), "{name} once");
    value
}

fn every(mut look: impl FnMut(DenyReason, ErrorProfile, Row, u16)) {
    for reason in DenyReason::ALL {
        for profile in ErrorProfile::ALL {
            let row = row(reason, missing(reason));
            let status = match profile {
                ErrorProfile::Documented => row.documented,
                ErrorProfile::Standard => row.standard,
            };
            look(reason, profile, row, status);
        }
    }
}

fn expected_body(reason: DenyReason, profile: ErrorProfile, row: &Row, id: RequestId) -> String {
    if profile == ErrorProfile::Documented {
        return format!(r#"{{"error":"{}"}}"#, row.words);
    }
    let policy = match reason {
        DenyReason::Quota(window) => Some(window.as_str()),
        DenyReason::RateLimited(window) => Some(window.as_str()),
        DenyReason::PlanExhausted => Some("imports"),
        _ => None,
    };
    let (first, rest) = reason.in_words().split_at(1);
    let code = reason.code().to_lowercase().replace('_', "-");
    let (mut kind, mut title) = (
        format!("urn:latchkey:problem:{code}"),
        first.to_uppercase() + rest,
    );
    if policy.is_some() {
        kind = QUOTA_EXCEEDED.to_owned();
        title = "Request cannot be satisfied as assigned quota has been exceeded".to_owned();
    }
    let field = |name: &str, value: Option<&str>| {
        value.map_or(String::new(), |value| format!(r#","{name}":"{value}""#))
    };
    format!(
        r#"{{"type":"{kind}","title":"{title}","status":{},"detail":"{}","code":"{}","request_id":"{id}"{}{}}}"#,
        row.standard,
        row.words,
        reason.code(),
        field("missing", missing(reason)),
        policy.map_or(String::new(), |name| format!(
            r#","violated-policies":["{name}"]"#
        )),
    )
}

fn expected_headers(
    reason: DenyReason,
    profile: ErrorProfile,
) -> [(&'static str, Option<String>); 5] {
    let status = reason.status_in(profile);
    let standard = profile == ErrorProfile::Standard;
    let quota = match reason {
        DenyReason::Quota(window) if standard => Some(window),
        _ => None,
    };
    let after = match reason {
        DenyReason::Quota(_) => quota
            .and_then(Window::bucket)
            .map(|bucket| bucket.num_seconds().to_string()),
        DenyReason::RateLimited(_) => Some("1".to_owned()),
        DenyReason::PlanExhausted | DenyReason::IpBlocked => Some("300".to_owned()),
        _ => None,
    };
    let policy = quota.map(|window| {
        let length = window.length().as_ref().map(TimeDelta::num_seconds);
        let length = length.map_or(String::new(), |length| format!(";w={length}"));
        format!(r#""{}";q=10{length}"#, window.as_str())
    });
    let name = match reason {
        DenyReason::Quota(window) => Some(window.as_str()),
        DenyReason::RateLimited(window) => Some(window.as_str()),
        DenyReason::PlanExhausted => Some("imports"),
        _ => None,
    };
    let state = name.filter(|_| standard).map(|name| {
        let after = after.as_ref().map(|after| format!(";t={after}"));
        format!(r#""{name}";r=0{}"#, after.unwrap_or_default())
    });
    let challenge = r#"Bearer realm="latchkey", ApiKey realm="latchkey""#;
    let kind = if standard {
        "application/problem+json"
    } else {
        "application/json"
    };
    [
        ("content-type", Some(kind.to_owned())),
        (
            "www-authenticate",
            (status == 401).then(|| challenge.to_owned()),
        ),
        ("retry-after", after),
        ("ratelimit-policy", policy),
        ("ratelimit", state),
    ]
}

#[test]
fn the_gateway_answers_every_refusal_to_the_letter() {
    every(|reason, profile, row, status| {
        let id = request_id();
        let refusal = Refusal::of(&denial(reason, profile), id);
        let answer = EdgeError::Denied(Box::new(refusal)).error_response();
        let (answered, headers, body) = answered(answer);
        assert_eq!(answered, status, "{reason:?}");
        assert_eq!(body, expected_body(reason, profile, &row, id));
        for (name, value) in expected_headers(reason, profile) {
            assert_eq!(
                said(&headers, name),
                value.as_deref(),
                "{name} of {reason:?}"
            );
        }
        assert_eq!(reason.status_in(profile), status);
    });
}

#[test]
fn nginx_is_told_every_refusal_beside_a_status_that_it_knows() {
    every(|reason, profile, row, status| {
        let id = request_id();
        let refusal = Refusal::of(&denial(reason, profile), id);
        let error = EdgeError::Denied(Box::new(refusal));
        let (answered, headers, body) = answered(forward_auth::for_nginx(&error));
        assert_eq!(answered, if status == 401 { 401 } else { 403 });
        assert_eq!(
            said(&headers, "x-latchkey-status"),
            Some(&*status.to_string())
        );
        assert_eq!(said(&headers, "x-latchkey-error"), Some(&*row.words));
        assert_eq!(said(&headers, "x-latchkey-body"), Some(&*body));
        assert_eq!(body, expected_body(reason, profile, &row, id));
        for (name, value) in expected_headers(reason, profile) {
            assert_eq!(
                said(&headers, name),
                value.as_deref(),
                "{name} of {reason:?}"
            );
        }
    });
}

#[test]
fn verify_says_of_every_refusal_what_its_caller_may_pass_on() {
    every(|reason, profile, row, status| {
        let id = request_id();
        let body = verify::refused(&denial(reason, profile), id);
        let expected = json!({
            "valid": false,
            "code": reason.code(),
            "status": status,
            "error": row.words,
            "request_id": id.as_str(),
            "missing": missing(reason),
        });
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
    });
}

/// As the API's own documentation has them.
#[test]
fn quotas_are_told_in_the_promised_words() {
    let words = Window::ALL.map(|window| {
        let denial = denial(DenyReason::Quota(window), ErrorProfile::Documented);
        let refusal = Refusal::of(&denial, request_id());
        assert_eq!(refusal.status(), 401);
        refusal.body()
    });
    assert_eq!(
        words,
        [
            r#"{"error":"Rate limit exceeded: quota total"}"#,
            r#"{"error":"Rate limit exceeded: quota daily"}"#,
            r#"{"error":"Rate limit exceeded: quota weekly"}"#,
            r#"{"error":"Rate limit exceeded: quota monthly"}"#,
        ]
    );
}

#[test]
fn who_has_no_account_is_answered_in_the_documented_profile() {
    let denial = Denial::new(DenyReason::NotFound, None);
    let refusal = Refusal::of(&denial, request_id());
    assert_eq!(refusal.body(), r#"{"error":"Invalid API Key"}"#);
}

#[test]
fn the_page_has_no_row_too_many() {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, DenyReason::ALL.len());
}
