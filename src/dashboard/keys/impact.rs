//! What stopping a key would touch, in words.

use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::api_keys::LiveFacts;
use crate::db::api_keys::TopEndpoint;

/// A key that somebody calls with is not stopped by a stray click.
pub fn is_busy(facts: &LiveFacts) -> bool {
    facts.calls > 0
}

/// "Used 4 minutes ago from 3 addresses."
pub fn used(last_used: Option<&Moment>, facts: &LiveFacts) -> String {
    let Some(last_used) = last_used else {
        return "Never used.".to_owned();
    };
    if is_busy(facts) && facts.addresses > 0 {
        let addresses = number::counted(facts.addresses, "address", "addresses");
        format!("Used {} from {addresses}.", last_used.relative())
    } else {
        format!("Last used {}.", last_used.relative())
    }
}

/// "1,204 requests in the last 24 hours, mostly POST /v1/query (python-requests)."
pub fn traffic(facts: &LiveFacts) -> String {
    let calls = match (facts.calls, facts.more) {
        (0, _) => return "No requests in the last 24 hours.".to_owned(),
        (calls, false) => number::counted(calls, "request", "requests"),
        (calls, true) => format!("More than {} requests", number::grouped(calls)),
    };
    let top = facts.top.as_ref().map(mostly).unwrap_or_default();
    format!("{calls} in the last 24 hours{top}.")
}

fn mostly(top: &TopEndpoint) -> String {
    let method = top.method.map_or("", |method| method.as_str());
    let endpoint = format!("{method} {}", top.path);
    let client = top.client.split(['/', ' ']).next().unwrap_or_default();
    if client.is_empty() {
        format!(", mostly {}", endpoint.trim())
    } else {
        format!(", mostly {} ({client})", endpoint.trim())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::endpoint::Method;

    #[test]
    fn the_facts_are_told_in_two_sentences() {
        let now = DateTime::from_timestamp(1_795_253_467, 0).unwrap();
        let last_used = Moment::new(now - TimeDelta::minutes(4), now);
        let facts = LiveFacts {
            calls: 1204,
            addresses: 3,
            top: Some(TopEndpoint {
                method: Some(Method::Post),
                path: "/v1/query".to_owned(),
                client: "python-requests/2.32".to_owned(),
            }),
            ..LiveFacts::default()
        };
        assert_eq!(
            used(Some(&last_used), &facts),
            "Used 4 minutes ago from 3 addresses."
        );
        assert_eq!(
            traffic(&facts),
            "1,204 requests in the last 24 hours, mostly POST /v1/query (python-requests)."
        );
        let quiet = LiveFacts::default();
        assert_eq!(used(None, &quiet), "Never used.");
        assert_eq!(used(Some(&last_used), &quiet), "Last used 4 minutes ago.");
        assert_eq!(traffic(&quiet), "No requests in the last 24 hours.");
    }
}
