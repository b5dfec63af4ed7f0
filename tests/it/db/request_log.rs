use std::time::Duration;

use chrono::TimeDelta;
use diesel::Connection;
use diesel::RunQueryDsl;
use latchkey::db::request_log;
use latchkey::db::request_log::Direction;
use latchkey::db::request_log::LogCursor;
use latchkey::db::request_log::LogFilter;
use latchkey::db::request_log::LogPage;
use latchkey::db::request_log::LogQuery;
use latchkey::db::request_log::Outcome;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::endpoint::Method;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;
use crate::support::log::LogSeed;

const TIME_BOX: Duration = Duration::from_secs(2);

fn seed(fixture: &mut Fixture, key: ApiKeyId) -> LogSeed<'_> {
    let place = (fixture.account, fixture.workspace);
    LogSeed::new(&mut fixture.conn, place, key, now())
}

fn query(fixture: &Fixture, key: ApiKeyId) -> LogQuery {
    LogQuery {
        account: fixture.account,
        workspaces: vec![fixture.workspace],
        from: now() - TimeDelta::days(7),
        to: now(),
        filter: LogFilter {
            keys: vec![key],
            ..LogFilter::default()
        },
        direction: Direction::Newest,
        limit: 50,
    }
}

fn found(fixture: &mut Fixture, query: &LogQuery) -> LogPage {
    let page = request_log::search(&mut fixture.conn, query, TIME_BOX).unwrap();
    assert_eq!(page.stopped, None);
    page
}

#[test]
fn a_log_is_read_page_by_page_with_equal_times_and_back_again() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let other = fixture.key("other");
    let mut log = seed(&mut fixture, id);
    for n in 1..=25 {
        log.row(n / 4 + 1, "GET /v1/documents", 200, "203.0.113.1");
    }
    seed(&mut fixture, other).row(1, "GET /", 200, "203.0.113.1");
    let mut query = query(&fixture, id);
    query.limit = 4;

    let mut pages = Vec::new();
    loop {
        let page = found(&mut fixture, &query);
        let ids: Vec<String> = page.rows.iter().map(|row| row.request_id.clone()).collect();
        let last = page.rows.last().unwrap();
        query.direction = Direction::OlderThan(LogCursor {
            at: last.at,
            request_id: last.request_id.clone(),
        });
        pages.push(ids);
        if !page.has_older {
            break;
        }
    }
    assert_eq!(
        pages.iter().map(Vec::len).collect::<Vec<_>>(),
        [4, 4, 4, 4, 4, 4, 1]
    );
    let mut all = pages.concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 25);

    let last = found(
        &mut fixture,
        &LogQuery {
            direction: Direction::Newest,
            limit: 50,
            ..query.clone()
        },
    );
    let oldest = &last.rows[24];
    query.direction = Direction::NewerThan(LogCursor {
        at: oldest.at,
        request_id: oldest.request_id.clone(),
    });
    let back = found(&mut fixture, &query);
    let ids: Vec<String> = back.rows.iter().map(|row| row.request_id.clone()).collect();
    assert_eq!(ids, pages[5]);
    assert!(back.has_newer && back.has_older);
}

#[test]
fn a_log_is_narrowed_by_time_status_class_refusal_and_method() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let mut log = seed(&mut fixture, id);
    log.row(10, "GET /a", 200, "203.0.113.1");
    log.row(20, "POST /b", 404, "203.0.113.1");
    log.row(30, "POST /c", 401, "203.0.113.1");
    log.row(8 * 86_400, "POST /d", 200, "203.0.113.1");
    let cases = [
        (None, None, "/a /b /c"),
        (Some(Outcome::Class(4)), None, "/b /c"),
        (Some(Outcome::Status(404)), None, "/b"),
        (Some(Outcome::Denied(DenyReason::Expired)), None, "/c"),
        (None, Some(Method::Post), "/b /c"),
        (Some(Outcome::Class(2)), Some(Method::Post), ""),
    ];
    for (outcome, method, paths) in cases {
        let mut query = query(&fixture, id);
        query.filter.outcome = outcome;
        query.filter.method = method;
        let rows = found(&mut fixture, &query).rows;
        let got: Vec<&str> = rows.iter().map(|row| row.path.as_str()).collect();
        assert_eq!(got.join(" "), paths, "{outcome:?} {method:?}");
    }
    let all = query(&fixture, id);
    let rows = found(&mut fixture, &all).rows;
    assert_eq!(rows[2].denial, Some(DenyReason::Expired));
    assert_eq!((rows[0].duration_us, rows[0].credits), (Some(1500), 2));
    assert_eq!(rows[0].agent, "curl/8");
}

#[test]
fn a_search_stops_at_its_time_box() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    // Somebody holds the table, so that the query cannot go on.
    let query = query(&fixture, id);
    let mut blocker = fixture.connect();
    blocker.test_transaction::<_, diesel::result::Error, _>(|blocker| {
        diesel::sql_query("lock table request_log in access exclusive mode").execute(blocker)?;
        let box_of = Duration::from_millis(100);
        let page = request_log::search(&mut fixture.conn, &query, box_of).unwrap();
        let stopped = page.stopped.unwrap();
        assert_eq!((stopped.came_on, stopped.at), (false, query.to));
        Ok(())
    });
}
