use std::thread;

use chrono::TimeDelta;
use latchkey::db::limits;
use latchkey::domain::lease::Ask;
use latchkey::domain::lease::Span;
use latchkey::domain::lease::Subject;
use latchkey::domain::limit::Window;

use super::Counters;
use super::limit;
use super::seconds;

#[test]
fn a_daily_cap_frees_a_day_after_its_minute_has_passed() {
    let mut counters = Counters::of_key("daily = 3");
    assert_eq!(counters.take_all(), 3);
    counters.at("2026-11-19T09:41:59.999Z");
    assert_eq!(counters.take_all(), 0);
    counters.at("2026-11-19T09:42:00Z");
    assert_eq!(counters.take_all(), 3);
}

#[test]
fn weekly_and_monthly_caps_free_with_their_buckets() {
    for (limits, before, freed) in [
        ("weekly = 2", "2026-11-25T09:49:59Z", "2026-11-25T09:50:00Z"),
        (
            "monthly = 2",
            "2026-12-18T09:59:59Z",
            "2026-12-18T10:00:00Z",
        ),
    ] {
        let mut counters = Counters::of_key(limits);
        assert_eq!(counters.take_all(), 2);
        counters.at(before);
        assert_eq!(counters.take_all(), 0, "{limits}");
        counters.at(freed);
        assert_eq!(counters.take_all(), 2, "{limits}");
    }
}

#[test]
fn a_total_never_frees() {
    let mut counters = Counters::of_key("total = 2");
    assert_eq!(counters.take_all(), 2);
    counters.at("2036-11-18T09:41:00Z");
    assert_eq!(counters.take_all(), 0);
    assert_eq!(counters.states()[0].frees_in, None);
}

#[test]
fn all_windows_are_charged_or_none() {
    let mut counters = Counters::of_key("total = 9, daily = 2, monthly = 5");
    assert_eq!(counters.take_all(), 2);
    let used = |counters: &mut Counters| -> Vec<u64> {
        counters.states().iter().map(|state| state.used).collect()
    };
    assert_eq!(used(&mut counters), [2, 2, 2]);
    counters.pass(TimeDelta::hours(25));
    assert_eq!(counters.take_all(), 2);
    counters.pass(TimeDelta::hours(25));
    assert_eq!(counters.take_all(), 1);
    assert_eq!(used(&mut counters), [5, 1, 5]);
}

#[test]
fn much_is_granted_far_from_the_cap_and_only_what_is_needed_near_it() {
    let mut counters = Counters::of_key("daily = 100");
    assert_eq!(counters.take(1, 30).amount, 30);
    assert_eq!(counters.take(1, 1_000).amount, 35);
    assert_eq!(counters.take(30, 1_000).amount, 30);
    assert_eq!(counters.take(1, 1_000).amount, 2);
    assert_eq!(counters.take(4, 1_000).amount, 0);
    assert_eq!(counters.take(0, 1_000).amount, 1);
    assert_eq!(counters.take(1, 1_000).amount, 1);
    assert_eq!(counters.take(1, 1_000).amount, 1);
    assert_eq!(counters.take(0, 0).states[0].unwrap().used, 100);
}

#[test]
fn more_nodes_are_granted_less_each() {
    let mut counters = Counters::of_key("daily = 120");
    counters.fixture.execute(
        "insert into nodes select gen_random_uuid(), 'n' || n, '1', now(), now(), 0, 60000
           from generate_series(1, 3) as n",
    );
    assert_eq!(counters.take(1, 1_000).amount, 20);
}

#[test]
fn a_lease_ends_with_the_minute_that_counts_it() {
    let mut counters = Counters::of_key("weekly = 100");
    assert_eq!(counters.take(1, 1).ends_in, TimeDelta::milliseconds(59_700));
    counters.at("2026-11-18T09:41:59.5Z");
    assert_eq!(counters.take(1, 1).ends_in, TimeDelta::milliseconds(500));
}

#[test]
fn a_rate_per_second_is_never_over_in_any_second() {
    let mut counters = Counters::of_rate("per_second = 5");
    let first = counters.take(1, 1);
    // One bin ahead, so that the answer may come late.
    assert_eq!(first.ends_in, TimeDelta::milliseconds(200));
    assert_eq!(counters.take_all(), 4);
    counters.pass(TimeDelta::milliseconds(1_199));
    assert_eq!(counters.take_all(), 0);
    counters.pass(TimeDelta::milliseconds(1));
    assert_eq!(counters.take_all(), 5);
}

#[test]
fn a_rate_per_minute_frees_a_minute_after_its_second() {
    let mut counters = Counters::of_rate("per_minute = 5");
    assert_eq!(counters.take_all(), 5);
    counters.pass(TimeDelta::milliseconds(60_699));
    assert_eq!(counters.take_all(), 0);
    counters.pass(TimeDelta::milliseconds(1));
    assert_eq!(counters.take_all(), 5);
}

#[test]
fn a_meter_begins_anew_with_the_calendar_month() {
    let mut counters = Counters::of_meter("period", 4);
    assert_eq!(counters.take(3, 3).amount, 3);
    counters.at("2026-11-30T23:59:59Z");
    assert_eq!(counters.take(2, 2).amount, 0);
    let last = counters.take(1, 1);
    assert_eq!((last.amount, last.ends_in), (1, seconds(1)));
    counters.at("2026-12-01T00:00:00Z");
    assert_eq!(counters.take(4, 4).amount, 4);
}

#[test]
fn a_lowered_cap_refuses_and_a_raised_one_grants_the_rest() {
    let mut counters = Counters::of_key("daily = 10");
    let Subject::Key(key) = counters.subject else {
        unreachable!()
    };
    assert_eq!(counters.take(6, 6).amount, 6);
    limit(&mut counters.fixture, key, "daily = 4");
    assert_eq!(counters.take_all(), 0);
    limit(&mut counters.fixture, key, "daily = 8");
    assert_eq!(counters.take_all(), 2);
    limit(&mut counters.fixture, key, "daily = null");
    let grant = counters.take(1, 50);
    assert_eq!((grant.amount, grant.charge.spans), (50, 0));
}

#[test]
fn what_is_given_back_can_be_taken_again() {
    let mut counters = Counters::of_key("total = 10, daily = 10");
    let grant = counters.take(10, 10);
    counters.give_back(&grant, 4);
    assert_eq!(counters.take_all(), 4);
    counters.give_back(&grant, 6);
    assert_eq!(counters.take_all(), 6);
}

#[test]
fn what_has_freed_is_not_taken_off_again_when_it_is_given_back() {
    let mut counters = Counters::of_key("daily = 10");
    let grant = counters.take(10, 10);
    counters.pass(TimeDelta::hours(25));
    assert_eq!(counters.take(7, 7).amount, 7);
    counters.give_back(&grant, 10);
    assert_eq!(counters.used(), 7);
}

#[test]
fn only_the_windows_that_were_charged_are_given_back_to() {
    let mut counters = Counters::of_key("daily = 10");
    let Subject::Key(key) = counters.subject else {
        unreachable!()
    };
    let grant = counters.take(5, 5);
    limit(&mut counters.fixture, key, "weekly = 10");
    assert_eq!(counters.take(3, 3).amount, 3);
    counters.give_back(&grant, 5);
    let used: Vec<_> = counters.states().iter().map(|state| state.used).collect();
    assert_eq!(used, [3, 3]);
}

#[test]
fn states_tell_what_is_used_and_when_room_frees() {
    let mut counters = Counters::of_key("total = 9, daily = 5");
    counters.take(2, 2);
    let [total, daily] = counters.states().try_into().unwrap();
    assert_eq!(total.span, Span::Key(Window::Total));
    assert_eq!((total.cap, total.used, total.frees_in), (Some(9), 2, None));
    assert_eq!(daily.span, Span::Key(Window::Daily));
    assert_eq!((daily.cap, daily.used), (Some(5), 2));
    let frees_in = TimeDelta::hours(24) + TimeDelta::milliseconds(59_700);
    assert_eq!(daily.frees_in, Some(frees_in));
    assert_eq!(counters.take(0, 0).states[1], Some(daily));
    counters.pass(frees_in);
    assert_eq!(counters.states()[1].used, 0);
}

#[test]
fn of_many_who_ask_at_once_nobody_is_granted_more_than_there_is() {
    let mut counters = Counters::of_key("total = 100, monthly = 90");
    let key = counters.subject.clone();
    let account = counters.fixture.account;
    counters
        .fixture
        .execute("update plans set per_minute = 1000");
    let asked = |subject| Ask {
        account,
        subject,
        needed: 1,
        wanted: 3,
    };
    let workers: Vec<_> = (0..6)
        .map(|worker| {
            let mut conn = counters.fixture.connect();
            let mut asks = [asked(key.clone()), asked(Subject::Rate)];
            let place = worker % 2;
            if place == 1 {
                asks.reverse();
            }
            thread::spawn(move || -> u64 {
                (0..40)
                    .map(|_| limits::take(&mut conn, &asks, None).unwrap()[place].amount)
                    .sum()
            })
        })
        .collect();
    let granted: u64 = workers
        .into_iter()
        .map(|worker| worker.join().unwrap())
        .sum();
    assert_eq!(granted, 90);
}
