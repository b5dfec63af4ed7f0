//! What pages ask of the log.

use std::time::Duration;

use chrono::Days;
use chrono::TimeDelta;
use diesel::PgConnection;
use latchkey::db::request_log;
use latchkey::db::request_log::Direction;
use latchkey::db::request_log::LogCursor;
use latchkey::db::request_log::LogFilter;
use latchkey::db::request_log::LogQuery;
use latchkey::db::request_log::Outcome;
use latchkey::db::usage;
use latchkey::db::usage::FailuresOf;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::endpoint::Method;
use latchkey::domain::limit::Window;
use latchkey::domain::random::OsRandom;
use latchkey::domain::request_id::RequestId;

use super::rows::DAYS;
use super::rows::Filled;
use crate::fault;

/// As the pages have it.
const TIME_BOX: Duration = Duration::from_secs(2);
const COUNT_BOX: Duration = Duration::from_millis(300);
const AROUND_REQUEST: TimeDelta = TimeDelta::seconds(1);
const PAGE_ROWS: u16 = 50;
const ACCOUNT: AccountId = AccountId(1);
const WORKSPACE: WorkspaceId = WorkspaceId(1);

pub struct Question {
    pub name: &'static str,
    what: What,
}

enum What {
    Search(LogQuery),
    Failures(FailuresOf),
    Chart(chrono::DateTime<chrono::Utc>),
}

impl Question {
    /// How many rows it found; with `~` where the search stopped after its time box.
    pub fn ask(&self, conn: &mut PgConnection) -> std::io::Result<String> {
        match &self.what {
            What::Search(query) => {
                let page = request_log::search(conn, query, TIME_BOX).map_err(fault)?;
                let stopped = if page.stopped.is_some() { "~" } else { "" };
                Ok(format!("{stopped}{}", page.rows.len()))
            }
            What::Failures(of) => {
                let counted = usage::failures(conn, of, COUNT_BOX).map_err(fault)?;
                Ok(counted.map_or_else(|| "~0".to_owned(), |kinds| kinds.len().to_string()))
            }
            What::Chart(now) => {
                let days = usage::of_workspace(conn, ACCOUNT, WORKSPACE, *now).map_err(fault)?;
                Ok(days.len().to_string())
            }
        }
    }
}

/// Over all thirty days.
fn query(filled: &Filled, filter: LogFilter) -> LogQuery {
    LogQuery {
        account: ACCOUNT,
        workspaces: vec![WORKSPACE],
        from: filled.now - Days::new(DAYS),
        to: filled.now + TimeDelta::minutes(1),
        filter,
        direction: Direction::Newest,
        limit: PAGE_ROWS,
    }
}

pub fn all(filled: &Filled) -> Vec<Question> {
    let mut all = pages(filled);
    for (name, filter) in filters(filled) {
        let mut query = query(filled, filter);
        // As the pages do: a request's id tells its time.
        if let Some(at) = query.filter.request.and_then(|request| request.at()) {
            (query.from, query.to) = (at - AROUND_REQUEST, at + AROUND_REQUEST);
        }
        let what = What::Search(query);
        all.push(Question { name, what });
    }
    all.push(Question {
        name: "chips",
        what: What::Failures(FailuresOf {
            account: ACCOUNT,
            workspaces: vec![WORKSPACE],
            keys: Vec::new(),
            categories: Vec::new(),
            from: filled.now - Days::new(DAYS),
            to: filled.now,
        }),
    });
    all.push(Question {
        name: "chart",
        what: What::Chart(filled.now),
    });
    all
}

fn pages(filled: &Filled) -> Vec<Question> {
    let place = LogCursor {
        at: filled.now - Days::new(DAYS - 2),
        request_id: String::new(),
    };
    let of_key = LogFilter {
        keys: vec![filled.busy],
        ..LogFilter::default()
    };
    let page = |name, filter: &LogFilter, direction| Question {
        name,
        what: What::Search(LogQuery {
            direction,
            ..query(filled, filter.clone())
        }),
    };
    let all = LogFilter::default();
    vec![
        page("first", &all, Direction::Newest),
        page("deep", &all, Direction::OlderThan(place.clone())),
        page("key-first", &of_key, Direction::Newest),
        page("key-deep", &of_key, Direction::OlderThan(place)),
    ]
}

/// Each with rows, and without any.
fn filters(filled: &Filled) -> Vec<(&'static str, LogFilter)> {
    let none = LogFilter::default;
    let outcome = |outcome| LogFilter {
        outcome: Some(outcome),
        ..none()
    };
    let keyed = |filter: LogFilter| LogFilter {
        keys: vec![filled.busy],
        ..filter
    };
    let path = |path: &str| LogFilter {
        path: Some(path.to_owned()),
        ..none()
    };
    let category = |category: &str| LogFilter {
        categories: vec![category.to_owned()],
        ..none()
    };
    let network = |network: &str| LogFilter {
        network: network.parse().ok(),
        ..none()
    };
    let method = |method| LogFilter {
        method: Some(method),
        ..none()
    };
    let slow = |micros| LogFilter {
        slow_us: Some(micros),
        ..none()
    };
    let credits = |credits| LogFilter {
        credits: Some(credits),
        ..none()
    };
    let request = |request| LogFilter { request, ..none() };
    let elsewhere = RequestId::generate(filled.now - Days::new(3), &OsRandom).ok();
    let quiet = LogFilter {
        keys: vec![filled.quiet],
        ..none()
    };
    vec![
        ("quiet-key", quiet),
        ("status", outcome(Outcome::Status(404))),
        ("status-none", outcome(Outcome::Status(503))),
        ("class", outcome(Outcome::Class(4))),
        ("class-none", outcome(Outcome::Class(5))),
        (
            "refusal",
            outcome(Outcome::Denied(DenyReason::Quota(Window::Daily))),
        ),
        (
            "refusal-none",
            outcome(Outcome::Denied(DenyReason::Expired)),
        ),
        ("method", method(Method::Post)),
        ("method-none", method(Method::Delete)),
        ("path", path("/v1/documents/7")),
        ("path-none", path("/v2/")),
        ("network", network("203.0.113.7/32")),
        ("network-none", network("198.51.100.0/24")),
        ("slow", slow(80_000)),
        ("slow-none", slow(1_000_000_000)),
        ("credits", credits(9)),
        ("credits-none", credits(1_000)),
        ("category", category("production")),
        ("category-none", category("nowhere")),
        ("request", request(Some(filled.request))),
        ("request-none", request(elsewhere)),
        ("key-status-none", keyed(outcome(Outcome::Status(503)))),
        ("key-slow-none", keyed(slow(1_000_000_000))),
    ]
}
