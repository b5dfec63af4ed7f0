//! What a search of the log finds, against a naive one over the same rows in memory.

mod oracle;

use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::connection::SimpleConnection;
use latchkey::db::request_log;
use latchkey::db::request_log::Direction;
use latchkey::db::request_log::LogCursor;
use latchkey::db::request_log::LogFilter;
use latchkey::db::request_log::LogPage;
use latchkey::db::request_log::LogQuery;
use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;
use crate::db::log_search::oracle::filled;
use crate::db::log_search::oracle::filter;
use crate::db::log_search::oracle::passes;

const QUESTIONS: usize = 250;
const LONG: Duration = Duration::from_secs(20);

fn query(fixture: &Fixture, filter: LogFilter, limit: u16) -> LogQuery {
    LogQuery {
        account: fixture.account,
        workspaces: vec![fixture.workspace],
        from: now() - TimeDelta::days(30),
        to: now(),
        filter,
        direction: Direction::Newest,
        limit,
    }
}

fn ids(page: &LogPage) -> Vec<String> {
    page.rows.iter().map(|row| row.request_id.clone()).collect()
}

fn place(page: &LogPage, last: bool) -> LogCursor {
    let row = if last {
        page.rows.last()
    } else {
        page.rows.first()
    };
    let row = row.unwrap();
    LogCursor {
        at: row.at,
        request_id: row.request_id.clone(),
    }
}

#[test]
fn a_search_finds_what_a_naive_one_finds_page_by_page_and_back() {
    let mut random = SmallRng::seed_from_u64(6);
    let mut fixture = Fixture::new();
    let known = filled(&mut fixture, &mut random);
    let mut nothing = 0;
    for _ in 0..QUESTIONS {
        let filter = filter(&mut random, &known);
        let mut query = query(&fixture, filter.clone(), random.random_range(1..200));
        query.from = now() - TimeDelta::hours(random.random_range(1..140));
        let mut expected: Vec<(DateTime<Utc>, &str)> = known
            .iter()
            .filter(|row| row.call.at >= query.from && passes(&filter, row))
            .map(|row| (row.call.at, row.id.as_str()))
            .collect();
        expected.sort_unstable_by(|a, b| b.cmp(a));
        let expected: Vec<&str> = expected.iter().map(|(_, id)| *id).collect();
        nothing += usize::from(expected.is_empty());

        let (mut found, mut last) = (Vec::new(), None);
        loop {
            let page = request_log::search(&mut fixture.conn, &query, LONG).unwrap();
            assert_eq!(page.stopped, None);
            found.extend(ids(&page));
            if !page.has_older {
                break;
            }
            query.direction = Direction::OlderThan(place(&page, true));
            last = Some(page);
        }
        assert!(
            found == expected,
            "{filter:?}: {} of {}",
            found.len(),
            expected.len()
        );
        // Back from the end: the page before it.
        if let Some(before) = last {
            let end = request_log::search(&mut fixture.conn, &query, LONG).unwrap();
            query.direction = Direction::NewerThan(place(&end, false));
            let back = request_log::search(&mut fixture.conn, &query, LONG).unwrap();
            assert_eq!(ids(&back), ids(&before), "{filter:?}");
        }
    }
    assert!(
        (5..QUESTIONS / 2).contains(&nothing),
        "{nothing} found nothing"
    );
}

#[test]
fn a_search_that_is_stopped_goes_on_where_it_stopped_and_misses_nothing() {
    let mut random = SmallRng::seed_from_u64(7);
    let mut fixture = Fixture::new();
    let known = filled(&mut fixture, &mut random);
    // Each row that is looked at costs so much that the box holds a day or two of them.
    fixture
        .conn
        .batch_execute(
            "create function slow(code smallint) returns boolean language plpgsql stable
                 cost 0.0001 as $$ begin perform pg_sleep(0.0015); return true; end $$;
             alter table request_log rename to request_log_all;
             create view request_log as select * from request_log_all l where slow(l.code);",
        )
        .unwrap();
    let filter = LogFilter {
        path: Some("/v1/query".to_owned()),
        ..LogFilter::default()
    };
    let mut query = query(&fixture, filter.clone(), 500);
    let (mut found, mut stops) = (Vec::new(), 0);
    loop {
        let time_box = Duration::from_millis(800);
        let page = request_log::search(&mut fixture.conn, &query, time_box).unwrap();
        found.extend(ids(&page));
        let Some(stopped) = page.stopped else {
            break;
        };
        assert!(stopped.came_on, "each search comes on");
        stops += 1;
        assert!(stops < 100, "and ends");
        query.direction = Direction::OlderThan(LogCursor {
            at: stopped.at,
            request_id: String::new(),
        });
    }
    assert!(stops > 0, "the box was large enough for all of it");
    let mut expected: Vec<&str> = known
        .iter()
        .filter(|row| passes(&filter, row))
        .map(|row| row.id.as_str())
        .collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert!(found == expected, "{} of {}", found.len(), expected.len());
}
