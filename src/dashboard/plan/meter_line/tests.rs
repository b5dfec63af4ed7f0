use super::*;

fn line(kind: MeterKind, used: i64, cap: Option<i64>) -> MeterLine {
    let usage = MeterUsage {
        slug: if kind == MeterKind::Level {
            "storage".to_owned()
        } else {
            "imports".to_owned()
        },
        label: if kind == MeterKind::Level {
            "Storage in bytes".to_owned()
        } else {
            "Knowledge base imports".to_owned()
        },
        kind,
        cap,
        used,
        known: used,
    };
    let now = DateTime::from_timestamp(1_795_253_467, 0).unwrap();
    MeterLine::new(usage, now)
}

#[test]
fn the_sentence_says_how_near_the_limit_is() {
    for (used, cap, mark, words) in [
        (0, Some(2_000), "", "0 out of 2,000 imports"),
        (1_599, Some(2_000), "", "1,599 out of 2,000 imports"),
        (
            1_600,
            Some(2_000),
            "expiring",
            "Nearly used: 1,600 of 2,000 imports",
        ),
        (
            1_999,
            Some(2_000),
            "expiring",
            "Nearly used: 1,999 of 2,000 imports",
        ),
        (
            2_000,
            Some(2_000),
            "limited",
            "Limit reached: imports are refused until 1 Dec 2026",
        ),
        (7, None, "", "7 imports, unlimited"),
        (
            0,
            Some(0),
            "limited",
            "Not in the plan: imports are refused",
        ),
    ] {
        let line = line(MeterKind::Period, used, cap);
        assert_eq!((line.sentence().as_str(), line.mark()), (words, mark));
    }
    let over = line(MeterKind::Period, 2_140, Some(2_000));
    assert_eq!(over.second().unwrap(), "2,140 of 2,000 imports");
    assert_eq!((over.left().as_str(), over.filled()), ("0", 100));
    let level = line(MeterKind::Level, 5_000_000_000, Some(5_000_000_000));
    assert_eq!(
        level.sentence(),
        "Limit reached: 5.0 GB of 5.0 GB storage. More is refused until it falls"
    );
    assert_eq!((level.second(), level.label()), (None, "Storage"));
    assert_eq!(level.unit().written(-8_200_000), "−8.2 MB");
}

#[test]
fn what_is_used_at_all_is_seen_and_huge_numbers_are_no_fault() {
    assert_eq!(line(MeterKind::Period, 0, Some(2_000)).filled(), 0);
    assert_eq!(line(MeterKind::Period, 1, Some(2_000)).filled(), 1);
    let huge = line(MeterKind::Level, i64::MAX, Some(i64::MAX));
    assert_eq!((huge.tone(), huge.filled()), (Tone::Reached, 100));
}

#[test]
fn the_pace_of_the_month_says_when_nothing_is_left() {
    // The 21st, at a third of the day: 20.4 of 30 days are over.
    for (used, cap, words) in [
        (0, Some(2_000), ""),
        (41, Some(2_000), "Lasts the month"),
        (1_300, Some(2_000), "Lasts the month"),
        (1_800, Some(2_000), "Runs out on 23 Nov 2026"),
        (2_000, Some(2_000), "Used up"),
        (7, None, ""),
    ] {
        assert_eq!(line(MeterKind::Period, used, cap).pace(), words, "{used}");
    }
    assert_eq!(line(MeterKind::Level, 7, Some(9)).pace(), "");
}
