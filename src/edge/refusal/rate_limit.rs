//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): a key's limits as
//! structured fields, `"daily";q=1000;w=86400` and `"daily";r=988;t=60`.

use std::fmt::Write;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderName;
use actix_web::http::header::HeaderValue;

use crate::domain::limit::LimitState;
use crate::domain::limit::LimitStates;
use crate::edge::refusal::whole_seconds;

pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// Largest integer that a structured field has a form for (RFC 9651, 3.3.1).
const INTEGER_MAX: u64 = 999_999_999_999_999;

/// A rate or meter that is used up. Its size is between the operator and the account, and not told.
#[derive(Clone, Copy)]
pub struct Exceeded<'a> {
    pub name: &'a str,
    pub after: Option<Duration>,
}

/// Puts both in the place of whatever the upstream said of limits of its own.
pub fn add(headers: &mut HeaderMap, limits: &LimitStates, exceeded: Option<Exceeded<'_>>) {
    let (mut policy, mut state) = (String::new(), String::new());
    for limit in limits.iter().flatten() {
        policy_of(&mut policy, limit);
        let after = limit.frees_in.and_then(|frees| frees.to_std().ok());
        state_of(&mut state, limit.window.as_str(), limit.remaining(), after);
    }
    if let Some(exceeded) = exceeded {
        state_of(&mut state, exceeded.name, 0, exceeded.after);
    }
    for (name, list) in [(POLICY, policy), (STATE, state)] {
        if let Ok(value) = HeaderValue::from_str(&list)
            && !list.is_empty()
        {
            headers.insert(name, value);
        }
    }
}

fn policy_of(list: &mut String, limit: &LimitState) {
    begin(list, limit.window.as_str());
    // Into memory: there is nothing to fail.
    let _ = write!(list, ";q={}", limit.limit.min(INTEGER_MAX));
    if let Some(length) = limit.window.length() {
        let _ = write!(list, ";w={}", length.num_seconds());
    }
}

fn state_of(list: &mut String, name: &str, remaining: u64, after: Option<Duration>) {
    begin(list, name);
    let _ = write!(list, ";r={}", remaining.min(INTEGER_MAX));
    if let Some(after) = after {
        let _ = write!(list, ";t={}", whole_seconds(after));
    }
}

/// A name is a string of letters, digits and hyphens, which needs no escaping.
fn begin(list: &mut String, name: &str) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    let _ = write!(list, "\"{name}\"");
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::limit::Window;

    fn lists(limits: &LimitStates, exceeded: Option<Exceeded<'_>>) -> [Option<String>; 2] {
        let mut headers = HeaderMap::new();
        add(&mut headers, limits, exceeded);
        [POLICY, STATE].map(|name| Some(headers.get(name)?.to_str().unwrap().to_owned()))
    }

    #[test]
    fn every_limit_is_a_policy_and_a_state() {
        let state = |window, limit, used, frees_in| {
            Some(LimitState {
                window,
                limit,
                used,
                frees_in,
            })
        };
        let limits = [
            state(Window::Total, u64::MAX, 5, None),
            state(
                Window::Daily,
                1_000,
                12,
                Some(TimeDelta::milliseconds(59_001)),
            ),
            None,
            state(Window::Monthly, 9, 9, Some(TimeDelta::zero())),
        ];
        let [policy, now] = lists(&limits, None);
        assert_eq!(
            policy.unwrap(),
            r#""total";q=999999999999999, "daily";q=1000;w=86400, "monthly";q=9;w=2592000"#
        );
        assert_eq!(
            now.unwrap(),
            r#""total";r=999999999999999, "daily";r=988;t=60, "monthly";r=0;t=1"#
        );
    }

    #[test]
    fn a_rate_that_is_used_up_is_a_state_and_no_limits_are_no_headers() {
        let exceeded = Exceeded {
            name: "per-second",
            after: Some(Duration::from_millis(200)),
        };
        let [policy, now] = lists(&LimitStates::default(), Some(exceeded));
        assert_eq!(policy, None);
        assert_eq!(now.unwrap(), r#""per-second";r=0;t=1"#);
        assert_eq!(lists(&LimitStates::default(), None), [None, None]);
    }
}
