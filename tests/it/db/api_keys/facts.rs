use latchkey::db::api_keys;
use latchkey::db::api_keys::LiveFacts;
use latchkey::domain::endpoint::Method;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;
use crate::db::request_log::LogSeed;

#[test]
fn the_facts_of_a_key_are_those_of_its_last_24_hours() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let other = fixture.key("other");
    let mut seed = LogSeed::new(&mut fixture, id);
    seed.row(60, "POST /v1/query", 200, "203.0.113.1");
    seed.row(120, "POST /v1/query", 200, "203.0.113.2");
    seed.row(180, "GET /v1/documents", 200, "203.0.113.1");
    seed.row(25 * 3600, "GET /v1/documents", 200, "203.0.113.9");
    LogSeed::new(&mut fixture, other).row(10, "GET /v1/documents", 200, "203.0.113.8");

    let facts = api_keys::live_facts(&mut fixture.conn, fixture.account, id, now()).unwrap();
    assert_eq!((facts.calls, facts.more, facts.addresses), (3, false, 2));
    let last = now() - chrono::TimeDelta::seconds(60);
    assert_eq!(facts.last_call_at, Some(last));
    let top = facts.top.unwrap();
    assert_eq!(top.method, Some(Method::Post));
    assert_eq!(top.path, "/v1/query");
    assert_eq!(top.client, "curl/8");
}

#[test]
fn a_quiet_key_has_no_facts() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let facts = api_keys::live_facts(&mut fixture.conn, fixture.account, id, now()).unwrap();
    assert_eq!(facts, LiveFacts::default());
}
