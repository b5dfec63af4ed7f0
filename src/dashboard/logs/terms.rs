//! What each parameter of a log's address means: how it is read, and how it is said.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::dashboard::number;
use crate::db::request_log::LogFilter;
use crate::db::request_log::Outcome;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::request_id::RequestId;

/// Keys, and categories, that are asked for at once.
pub const VALUES_MAX: usize = 20;
/// An hour: no answer takes longer.
const SLOW_MS_MAX: i32 = 3_600_000;

const CODE: &str =
    "Enter a status such as 404, a class such as 4xx, or a code such as QUOTA_DAILY.";
const METHOD: &str = "Choose a method from the list.";
const KEY: &str = "Enter a key ID: 12 letters and digits.";
const MANY: &str = "At most 20 at once.";
const IP: &str = "Enter an address such as 203.0.113.9, or a network such as 203.0.113.0/24.";
const SLOW: &str = "Enter milliseconds, such as 500.";
const CREDITS: &str = "Enter a whole number, such as 10.";
const REQUEST: &str = "Enter a whole request ID: req_ and 16 letters and digits.";

/// Puts what `value` means into the filter. `Err` says what it should be.
pub fn take(filter: &mut LogFilter, name: &str, value: &str) -> Result<(), &'static str> {
    match name {
        "code" => filter.outcome = Some(outcome(value).ok_or(CODE)?),
        "method" => {
            let method = Method::parse(&value.to_ascii_uppercase());
            filter.method = Some(method.ok_or(METHOD)?);
        }
        "path" => filter.path = Some(path(value)),
        "key" if filter.keys.len() == VALUES_MAX => return Err(MANY),
        "key" => filter.keys.push(value.parse().map_err(|_| KEY)?),
        "category" if filter.categories.len() == VALUES_MAX => return Err(MANY),
        "category" => filter.categories.push(value.to_owned()),
        "ip" => filter.network = Some(network(value).ok_or(IP)?),
        "slow" => {
            let millis = value.parse().ok();
            let millis = millis.filter(|millis| (1..=SLOW_MS_MAX).contains(millis));
            filter.slow_us = Some(millis.map(|millis| millis * 1_000).ok_or(SLOW)?);
        }
        "credits" => {
            let credits: Option<i32> = value.parse().ok().filter(|credits| *credits > 0);
            filter.credits = Some(credits.ok_or(CREDITS)?);
        }
        _ => {
            let id = RequestId::parse(value).filter(|id| id.at().is_some());
            filter.request = Some(id.ok_or(REQUEST)?);
        }
    }
    Ok(())
}

/// `4xx`, `404`, `ALLOWED`, `REFUSED`, `FAILED`, or the code of a refusal.
pub fn outcome(text: &str) -> Option<Outcome> {
    let text = text.to_ascii_uppercase();
    if let Some(class) = text.strip_suffix("XX") {
        let class = class.parse().ok().filter(|class| (1..=5).contains(class));
        return class.map(Outcome::Class);
    }
    if let Ok(status) = text.parse() {
        return (100..=599)
            .contains(&status)
            .then_some(Outcome::Status(status));
    }
    match text.as_str() {
        "ALLOWED" => Some(Outcome::Allowed),
        "REFUSED" => Some(Outcome::Refused),
        "FAILED" => Some(Outcome::Failed),
        code => DenyReason::from_code(code).map(Outcome::Denied),
    }
}

/// Of a whole URL its path.
fn path(typed: &str) -> String {
    let within_host = typed
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
        .map(|(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let path = within_host.unwrap_or(typed);
    let end = path.find(['?', '#']).unwrap_or(path.len());
    match &path[..end] {
        path if path.starts_with('/') => path.to_owned(),
        path => format!("/{path}"),
    }
}

fn network(typed: &str) -> Option<IpNet> {
    let typed = typed.trim();
    let one = || typed.parse::<IpAddr>().map(IpNet::from).ok();
    typed
        .parse()
        .ok()
        .or_else(one)
        .map(|net: IpNet| net.trunc())
}

/// In a line of text.
pub fn in_words(name: &str, value: &str) -> String {
    let number = || {
        value
            .parse()
            .map_or_else(|_| value.to_owned(), number::grouped)
    };
    match name {
        "code" => outcome(value).map_or_else(String::new, outcome_in_words),
        "method" => format!("Method: {}", value.to_ascii_uppercase()),
        "path" => format!("Path: {}…", path(value)),
        "key" => format!("Key: {value}"),
        "category" => format!("Category: {value}"),
        "workspace" => format!("Workspace: {value}"),
        "ip" => format!("Address: {value}"),
        "slow" => format!("At least {} ms", number()),
        "credits" => format!("At least {} credits", number()),
        _ => format!("Request: {value}"),
    }
}

fn outcome_in_words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Allowed => "Allowed".to_owned(),
        Outcome::Refused => "Refused".to_owned(),
        Outcome::Failed => "Refused or failed".to_owned(),
        Outcome::Class(class) => format!("Status: {class}xx"),
        Outcome::Status(status) => format!("Status: {status}"),
        Outcome::Denied(reason) => format!("Refused: {}", reason.in_words()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_classes_and_refusals_are_told_apart() {
        assert_eq!(outcome("4xx"), Some(Outcome::Class(4)));
        assert_eq!(outcome("404"), Some(Outcome::Status(404)));
        assert_eq!(outcome("refused"), Some(Outcome::Refused));
        assert_eq!(outcome("failed"), Some(Outcome::Failed));
        assert_eq!(
            outcome("expired"),
            Some(Outcome::Denied(DenyReason::Expired))
        );
    }

    #[test]
    fn a_path_is_taken_from_what_people_paste() {
        for (typed, expected) in [
            ("/v1/corpora", "/v1/corpora"),
            ("v1/corpora?limit=2", "/v1/corpora"),
            ("https://api.example.com/v1#top", "/v1"),
            ("http://127.0.0.1:8082", "/"),
        ] {
            assert_eq!(path(typed), expected, "{typed}");
        }
    }

    #[test]
    fn an_address_is_a_network_of_one() {
        assert_eq!(network("203.0.113.9"), "203.0.113.9/32".parse().ok());
        assert_eq!(network("203.0.113.9/24"), "203.0.113.0/24".parse().ok());
        assert_eq!(network("2001:db8::7"), "2001:db8::7/128".parse().ok());
        assert_eq!(network("here"), None);
    }
}
