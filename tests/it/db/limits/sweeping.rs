use chrono::TimeDelta;
use diesel::RunQueryDsl;
use latchkey::db::DbError;
use latchkey::db::limits;

use super::Counters;

fn sweep(counters: &mut Counters) -> usize {
    limits::sweep(&mut counters.fixture.conn, Some(counters.now)).unwrap()
}

#[test]
fn what_has_freed_goes_and_what_counts_stays() {
    let mut counters = Counters::of_key("daily = 100, weekly = 100");
    counters.take(5, 5);
    counters.pass(TimeDelta::hours(20));
    counters.take(5, 5);
    counters.pass(TimeDelta::hours(5));
    assert_eq!(sweep(&mut counters), 1);
    assert_eq!(counters.count("select count(*) from limit_buckets"), 3);
    let used: Vec<_> = counters.states().iter().map(|state| state.used).collect();
    assert_eq!(used, [5, 10]);
    assert_eq!(sweep(&mut counters), 0);
    counters.pass(TimeDelta::days(8));
    // Three buckets, and the two counters that then stand at nothing.
    assert_eq!(sweep(&mut counters), 5);
    assert_eq!(counters.count("select count(*) from limit_counters"), 0);
    assert_eq!(counters.take(7, 7).amount, 7);
}

#[test]
fn a_total_stays_as_long_as_its_key() {
    let mut counters = Counters::of_key("total = 100");
    counters.take(5, 5);
    counters.pass(TimeDelta::days(800));
    assert_eq!(sweep(&mut counters), 0);
    assert_eq!(counters.used(), 5);
    counters.fixture.execute("delete from api_keys");
    assert_eq!(sweep(&mut counters), 1);
}

#[test]
fn the_constraints_refuse_what_they_are_there_for() {
    let mut counters = Counters::of_key("total = 100, daily = 100");
    counters.take(5, 5);
    for (constraint, statement) in [
        (
            "limit_counters_account_fkey",
            "insert into limit_counters values (-1, 'rate', 5, 0)",
        ),
        (
            "limit_counters_subject_length",
            "update limit_counters set subject = '' where span = 1",
        ),
        (
            "limit_counters_span_known",
            "update limit_counters set span = 9 where span = 1",
        ),
        (
            "limit_counters_used_positive",
            "update limit_counters set used = -1",
        ),
        (
            "limit_counters_pkey",
            "insert into limit_counters select * from limit_counters",
        ),
        (
            "limit_buckets_amount_positive",
            "update limit_buckets set amount = 0",
        ),
        (
            "limit_buckets_pkey",
            "insert into limit_buckets select * from limit_buckets",
        ),
        (
            "limit_buckets_counter_fkey",
            "update limit_buckets set subject = 'rate'",
        ),
    ] {
        let refused = diesel::sql_query(statement).execute(&mut counters.fixture.conn);
        let error = DbError::from(refused.expect_err(constraint));
        assert!(error.is_conflict_on(constraint), "{constraint}: {error}");
    }
}
