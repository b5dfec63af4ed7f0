use latchkey::db::api_keys;
use latchkey::db::api_keys::LiveFacts;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::endpoint::Method;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;
use crate::support::log::LogSeed;

fn seed(fixture: &mut Fixture, key: ApiKeyId) -> LogSeed<'_> {
    let place = (fixture.account, fixture.workspace);
    LogSeed::new(&mut fixture.conn, place, key, now())
}

#[test]
fn the_facts_of_a_key_are_those_of_its_last_24_hours() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let other = fixture.key("other");
    let mut log = seed(&mut fixture, id);
    log.row(60, "POST /v1/query", 200, "203.0.113.1");
    log.row(120, "POST /v1/query", 200, "203.0.113.2");
    log.row(180, "GET /v1/documents", 200, "203.0.113.1");
    log.row(25 * 3600, "GET /v1/documents", 200, "203.0.113.9");
    seed(&mut fixture, other).row(10, "GET /v1/documents", 200, "203.0.113.8");

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
