use chrono::TimeDelta;

use super::Counters;

#[test]
fn what_happened_is_counted_even_where_there_is_no_room() {
    let mut counters = Counters::of_meter("period", 4);
    let now = counters.now;
    counters.add(3, now);
    counters.add(3, now);
    assert_eq!(counters.used(), 6);
    assert_eq!(counters.take_all(), 0);
    counters.add(-4, now);
    assert_eq!(counters.take_all(), 2);
}

#[test]
fn a_meter_that_no_plan_caps_is_counted_all_the_same() {
    let mut counters = Counters::of_meter("period", 4);
    counters.fixture.execute("delete from plan_meters");
    let now = counters.now;
    counters.add(3, now);
    let [state] = counters.states().try_into().unwrap();
    assert_eq!((state.cap, state.used), (None, 3));
}

#[test]
fn a_level_rises_and_falls_but_not_below_nothing() {
    let mut counters = Counters::of_meter("level", 10);
    let now = counters.now;
    counters.add(8, now);
    counters.pass(TimeDelta::days(100));
    assert_eq!(counters.take_all(), 2);
    counters.add(-3, now);
    assert_eq!(counters.used(), 7);
    counters.add(-30, now);
    assert_eq!(counters.used(), 0);
    assert_eq!(counters.take_all(), 10);
}

#[test]
fn news_of_a_month_that_is_over_changes_nothing() {
    let mut counters = Counters::of_meter("period", 4);
    let then = counters.now;
    counters.add(2, then);
    counters.at("2026-12-01T00:00:00Z");
    counters.add(2, then);
    counters.add(-1, then);
    assert_eq!(counters.used(), 0);
    let now = counters.now;
    counters.add(1, now);
    assert_eq!(counters.used(), 1);
}

#[test]
fn a_period_is_corrected_to_nothing_at_the_least() {
    let mut counters = Counters::of_meter("period", 4);
    let now = counters.now;
    counters.add(2, now);
    counters.add(-5, now);
    assert_eq!(counters.used(), 0);
    counters.add(1, now);
    assert_eq!(counters.used(), 1);
}
