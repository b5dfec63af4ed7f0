//! Keys and calls of every kind.

use latchkey::domain::endpoint::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

#[derive(Debug, Clone)]
pub struct KeySpec {
    /// Days from now, of each time that the key has.
    pub revoked: Option<i64>,
    pub disabled: Option<i64>,
    pub expires: Option<i64>,
    pub scope: &'static str,
    pub creator: usize,
    pub resources: &'static str,
    pub ips: &'static str,
    pub origins: &'static str,
    /// A cap of the day, and what is used of it.
    pub daily: Option<(u64, i64)>,
    pub total: Option<(u64, i64)>,
}

#[derive(Debug, Clone)]
pub struct CallSpec {
    pub method: Method,
    pub path: &'static str,
    pub ip: Option<&'static str>,
    pub origin: Option<&'static str>,
    pub resource: Option<&'static str>,
}

fn rarely<T: std::fmt::Debug + Clone + 'static>(
    some: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<T>> {
    proptest::option::weighted(0.2, some)
}

fn seldom<T: std::fmt::Debug + Clone + 'static>(
    some: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<T>> {
    proptest::option::weighted(0.08, some)
}

/// Far from the cap or at it: between, a node holds units that it has not spent, which the page
/// counts as used.
fn cap() -> impl Strategy<Value = Option<(u64, i64)>> {
    rarely(prop_oneof![Just((5_000, 0)), Just((5, 5)), Just((3, 9))])
}

pub fn key() -> impl Strategy<Value = KeySpec> {
    let times = (
        seldom(Just(-1_i64)),
        seldom(Just(-2_i64)),
        proptest::option::of(prop_oneof![1 => Just(-3_i64), 6 => Just(400)]),
    );
    let grant = (
        prop_oneof![
            Just("full"),
            Just("query"),
            Just("index"),
            Just("custom"),
            Just("inherit")
        ],
        0..4_usize,
        prop_oneof![3 => Just(""), 1 => Just("7, eu-*")],
    );
    let network = (
        prop_oneof![3 => Just(""), 1 => Just("203.0.113.0/24, 2001:db8::/32")],
        prop_oneof![3 => Just(""), 1 => Just("https://app.example.com")],
    );
    (times, grant, network, cap(), cap()).prop_map(
        |(
            (revoked, disabled, expires),
            (scope, creator, resources),
            (ips, origins),
            daily,
            total,
        )| KeySpec {
            revoked,
            disabled,
            expires,
            scope,
            creator,
            resources,
            ips,
            origins,
            daily,
            total,
        },
    )
}

pub fn call() -> impl Strategy<Value = CallSpec> {
    (
        prop_oneof![
            2 => Just((Method::Get, "/v1/documents/7")),
            1 => Just((Method::Head, "/v1/documents/7")),
            1 => Just((Method::Delete, "/v1/documents/7")),
            2 => Just((Method::Post, "/v1/documents")),
            1 => Just((Method::Get, "/v2/corpora/eu-9/query")),
            1 => Just((Method::Post, "/v1/corpora/8/index")),
            3 => Just((Method::Post, "/v1/documents/import")),
            1 => Just((Method::Get, "/nowhere")),
            1 => Just((Method::Get, "/v1//documents")),
        ],
        proptest::option::of(prop_oneof![
            Just("203.0.113.9"),
            Just("8.8.8.8"),
            Just("::ffff:203.0.113.9")
        ]),
        proptest::option::of(prop_oneof![
            Just("https://app.example.com"),
            Just("https://evil.example")
        ]),
        rarely(prop_oneof![Just("7"), Just("8")]),
    )
        .prop_map(|((method, path), ip, origin, resource)| CallSpec {
            method,
            path,
            ip,
            origin,
            resource,
        })
}

pub fn samples<T: std::fmt::Debug>(
    strategy: &impl Strategy<Value = T>,
    runner: &mut TestRunner,
    count: usize,
) -> Vec<T> {
    let sample = |_| strategy.new_tree(runner).unwrap().current();
    (0..count).map(sample).collect()
}
