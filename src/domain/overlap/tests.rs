use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-21T09:41:00Z".parse().unwrap()
}

fn at(choice: &str, date: &str, expires_at: Option<&str>) -> Result<String, OverlapFault> {
    let expires_at = expires_at.map(|at| at.parse().unwrap());
    let overlap = Overlap::parse(choice, date, (now(), expires_at))?;
    let ends = overlap.ends_at(now(), expires_at);
    Ok(ends.format("%Y-%m-%dT%H:%M").to_string())
}

#[test]
fn each_choice_ends_when_its_name_says() {
    for (choice, date, end) in [
        ("now", "", "2026-11-21T09:41"),
        ("15m", "", "2026-11-21T09:56"),
        ("1h", "", "2026-11-21T10:41"),
        ("24h", "", "2026-11-22T09:41"),
        ("7d", "", "2026-11-28T09:41"),
        ("on", "2026-11-21", "2026-11-22T00:00"),
        ("on", "2027-11-22", "2027-11-23T00:00"),
    ] {
        assert_eq!(at(choice, date, None), Ok(end.to_owned()), "{choice}");
    }
}

#[test]
fn an_overlap_ends_with_its_key_at_the_latest() {
    let expires = Some("2026-11-21T15:00:00Z");
    assert_eq!(at("1h", "", expires).unwrap(), "2026-11-21T10:41");
    assert_eq!(at("24h", "", expires).unwrap(), "2026-11-21T15:00");
    let today = at("on", "2026-11-21", expires);
    assert_eq!(today.unwrap(), "2026-11-21T15:00");
    let last = "2026-11-21".parse().unwrap();
    let after = at("on", "2026-11-22", expires);
    assert_eq!(after, Err(OverlapFault::AfterExpiry(last)));
}

#[test]
fn what_is_no_choice_is_refused_with_its_cause() {
    assert_eq!(at("", "", None), Err(OverlapFault::Unknown));
    assert_eq!(at("2w", "", None), Err(OverlapFault::Unknown));
    assert_eq!(at("on", "soon", None), Err(OverlapFault::NoDate));
    assert_eq!(at("on", "2026-11-20", None), Err(OverlapFault::Past));
    assert_eq!(at("on", "2027-11-23", None), Err(OverlapFault::TooFar));
    assert_eq!(at("on", "+262142-12-31", None), Err(OverlapFault::TooFar));
}

fn choices() -> impl Strategy<Value = Overlap> {
    prop_oneof![
        proptest::sample::select(Overlap::PRESETS.map(|(_, _, preset)| preset).to_vec()),
        (-400_i64..800)
            .prop_map(|days| { Overlap::On((now() + TimeDelta::days(days)).date_naive()) }),
    ]
}

proptest! {
    #[test]
    fn no_secret_outlives_its_key_and_none_ends_before_the_rotation(
        overlap in choices(),
        after in 0_i64..100_000_000,
        life in proptest::option::of(1_i64..100_000_000),
        extensions in 0_usize..4,
    ) {
        let now = now() + TimeDelta::seconds(after);
        let expires_at = life.map(|life| now + TimeDelta::seconds(life));
        let mut ends = overlap.ends_at(now, expires_at);
        prop_assert!(ends >= now);
        for _ in 0..extensions {
            let Some(later) = extended(ends, expires_at) else {
                prop_assert_eq!(Some(ends), expires_at);
                break;
            };
            prop_assert!(later > ends && later - ends <= EXTENSION);
            ends = later;
        }
        prop_assert!(expires_at.is_none_or(|expires_at| ends <= expires_at));
    }

    #[test]
    fn whatever_is_typed_is_a_choice_or_a_fault(choice in ".{0,6}", date in ".{0,12}") {
        let now = now();
        if let Ok(overlap) = Overlap::parse(&choice, &date, (now, None)) {
            prop_assert!(overlap.ends_at(now, None) >= now);
        }
    }
}
