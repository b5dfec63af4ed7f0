//! Rows in memory, and a search among them that nobody can get wrong.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use ipnet::IpNet;
use latchkey::db::request_log::LogFilter;
use latchkey::db::request_log::Outcome;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::endpoint::Method;
use latchkey::domain::limit::Window;
use latchkey::domain::plan::RateWindow;
use rand::RngExt;
use rand::rngs::SmallRng;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;
use crate::support::log::LogSeed;
use crate::support::log::LoggedCall;

const ROWS: usize = 600;

const PATHS: [&str; 5] = [
    "/v1/documents",
    "/v1/documents/7",
    "/v1/query",
    "/v1_2/x",
    "/",
];
const REASONS: [DenyReason; 4] = [
    DenyReason::Expired,
    DenyReason::Quota(Window::Daily),
    DenyReason::RateLimited(RateWindow::Second),
    DenyReason::RateLimited(RateWindow::Minute),
];
const IPS: [&str; 4] = [
    "203.0.113.9",
    "203.0.113.200",
    "198.51.100.1",
    "2001:db8::7",
];

/// A row as the oracle knows it.
pub struct Known {
    pub id: String,
    key: ApiKeyId,
    category: &'static str,
    pub call: LoggedCall,
}

fn one_of<T: Clone>(random: &mut SmallRng, values: &[T]) -> T {
    values[random.random_range(0..values.len())].clone()
}

fn call(random: &mut SmallRng) -> LoggedCall {
    let denied = random.random_ratio(1, 4).then(|| one_of(random, &REASONS));
    let status = match denied {
        Some(reason) => reason.status(),
        None => one_of(random, &[200, 201, 404, 503]),
    };
    LoggedCall {
        // Few seconds, so that times are equal; a few days, so that slices matter.
        at: now()
            - TimeDelta::days(random.random_range(0..5))
            - TimeDelta::seconds(random.random_range(1..40)),
        method: one_of(random, &[Method::Get, Method::Post, Method::Delete]),
        path: one_of(random, &PATHS).to_owned(),
        status,
        denied,
        ip: one_of(random, &IPS).to_owned(),
        credits: random.random_range(0..5),
        duration_us: random.random_range(0..5) * 1_000,
    }
}

pub fn filled(fixture: &mut Fixture, random: &mut SmallRng) -> Vec<Known> {
    let keys = [
        (fixture.key("one"), "production"),
        (fixture.key("two"), "staging"),
        (fixture.key("three"), "staging"),
    ];
    for (key, category) in keys {
        let sql = format!("update api_keys set category = '{category}' where id = '{key}'");
        fixture.conn.batch_execute(&sql).unwrap();
    }
    let place = (fixture.account, fixture.workspace);
    let mut known = Vec::new();
    for (key, category) in keys {
        let mut seed = LogSeed::new(&mut fixture.conn, place, key, now());
        for _ in 0..ROWS / keys.len() {
            let call = call(random);
            let id = seed.add(&call);
            known.push(Known {
                id,
                key,
                category,
                call,
            });
        }
    }
    let elsewhere = (fixture.account, fixture.other_workspace);
    LogSeed::new(&mut fixture.conn, elsewhere, keys[0].0, now()).row(9, "GET /", 200, IPS[0]);
    known
}

pub fn filter(random: &mut SmallRng, known: &[Known]) -> LogFilter {
    let mut filter = LogFilter::default();
    let row = &known[random.random_range(0..known.len())];
    for _ in 0..random.random_range(0..4) {
        match random.random_range(0..9) {
            0 => filter.keys = vec![row.key],
            1 => filter.keys = vec![row.key, known[0].key],
            2 => filter.categories = vec![row.category.to_owned()],
            3 => {
                let outcomes = [
                    Outcome::Allowed,
                    Outcome::Refused,
                    Outcome::Failed,
                    Outcome::Class(row.call.status / 100),
                    Outcome::Status(row.call.status),
                    Outcome::Denied(one_of(random, &REASONS)),
                ];
                filter.outcome = Some(one_of(random, &outcomes));
            }
            4 => filter.method = Some(row.call.method),
            5 => {
                let prefix = ["/v1/", "/v1_", "/v1/documents", "/v1/query", "/nowhere"];
                filter.path = Some(one_of(random, &prefix).to_owned());
            }
            6 => {
                let nets = [
                    "203.0.113.0/24",
                    "203.0.113.9/32",
                    "2001:db8::/32",
                    "0.0.0.0/0",
                ];
                filter.network = one_of(random, &nets).parse().ok();
            }
            7 => filter.slow_us = Some(row.call.duration_us),
            _ => filter.credits = Some(row.call.credits),
        }
    }
    filter
}

pub fn passes(filter: &LogFilter, row: &Known) -> bool {
    let call = &row.call;
    let outcome = match filter.outcome {
        None => true,
        Some(Outcome::Allowed) => call.denied.is_none(),
        Some(Outcome::Refused) => call.denied.is_some(),
        Some(Outcome::Failed) => call.denied.is_some() || call.status >= 400,
        Some(Outcome::Class(class)) => call.status / 100 == class,
        Some(Outcome::Status(status)) => call.status == status,
        Some(Outcome::Denied(reason)) => call
            .denied
            .is_some_and(|denied| denied.code() == reason.code()),
    };
    let within = |net: &IpNet| net.contains(&call.ip.parse::<std::net::IpAddr>().unwrap());
    outcome
        && (filter.keys.is_empty() || filter.keys.contains(&row.key))
        && (filter.categories.is_empty() || filter.categories.contains(&row.category.to_owned()))
        && filter.method.is_none_or(|method| method == call.method)
        && filter
            .path
            .as_ref()
            .is_none_or(|path| call.path.starts_with(path))
        && filter.network.as_ref().is_none_or(within)
        && filter.slow_us.is_none_or(|least| call.duration_us >= least)
        && filter.credits.is_none_or(|least| call.credits >= least)
}
