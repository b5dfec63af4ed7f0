use super::*;

const NOISY: &str = "203.0.113.9";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn second(second: u64) -> Duration {
    Duration::from_secs(second)
}

/// As many unknown keys at once as begin a block.
fn strike(blocks: &IpBlocks, scope: IpScope, from: &str, now: Duration) {
    for _ in 0..UNKNOWN_KEYS_MAX {
        assert_eq!(blocks.unknown_key(scope, ip(from), now), None);
    }
}

#[test]
fn twenty_unknown_keys_in_a_minute_block_the_next_for_five_minutes() {
    let blocks = IpBlocks::default();
    let ask = |at| blocks.unknown_key(IpScope::Gateway, ip(NOISY), second(at));
    for at in 0..20 {
        assert_eq!(ask(at), None);
    }
    assert_eq!(ask(20), Some(second(299)));
    assert_eq!(ask(318), Some(second(1)));
    assert_eq!(ask(319), None);
}

#[test]
fn nineteen_in_any_minute_block_nobody() {
    let blocks = IpBlocks::default();
    for round in 0..50 {
        for _ in 0..19 {
            let now = second(round * 60);
            assert_eq!(blocks.unknown_key(IpScope::Gateway, ip(NOISY), now), None);
        }
    }
    assert!(blocks.untold(1).is_empty());
}

#[test]
fn a_minute_begins_with_any_of_the_keys() {
    let blocks = IpBlocks::default();
    let ask = |at| blocks.unknown_key(IpScope::Gateway, ip(NOISY), second(at));
    assert_eq!(ask(0), None);
    for _ in 0..10 {
        assert_eq!(ask(59), None);
    }
    for _ in 0..9 {
        assert_eq!(ask(61), None);
    }
    assert_eq!(ask(62), None);
    assert_eq!(ask(62), Some(second(300)));
}

#[test]
fn blocks_double_up_to_an_hour_and_are_forgotten_after_a_quiet_day() {
    let blocks = IpBlocks::default();
    let mut now = second(0);
    let mut lengths = Vec::new();
    for _ in 0..7 {
        strike(&blocks, IpScope::Gateway, NOISY, now);
        let left = blocks.unknown_key(IpScope::Gateway, ip(NOISY), now);
        lengths.push(left.unwrap().as_secs() / 60);
        now += left.unwrap();
    }
    assert_eq!(lengths, [5, 10, 20, 40, 60, 60, 60]);
    now += STRIKES_LAST;
    strike(&blocks, IpScope::Gateway, NOISY, now);
    let left = blocks.unknown_key(IpScope::Gateway, ip(NOISY), now);
    assert_eq!(left, Some(FIRST_BLOCK));
    let strikes: Vec<u16> = blocks
        .untold(100)
        .iter()
        .map(|block| block.strikes)
        .collect();
    assert_eq!(strikes, [1, 2, 3, 4, 5, 6, 7, 1]);
}

#[test]
fn a_block_is_of_one_network_and_one_scope() {
    let blocks = IpBlocks::default();
    let one: IpScope = "service:aaaaaaaaaaaa".parse().unwrap();
    strike(&blocks, one, "2001:db8::1", second(0));
    let asked = |scope, from| blocks.unknown_key(scope, ip(from), second(1)).is_some();
    assert!(asked(one, "2001:db8::ffff:1"));
    assert!(!asked(one, "2001:db8:0:1::1"));
    assert!(!asked(
        "service:bbbbbbbbbbbb".parse().unwrap(),
        "2001:db8::1"
    ));
    assert!(!asked(IpScope::Gateway, "2001:db8::1"));
}

#[test]
fn what_is_lifted_begins_anew() {
    let blocks = IpBlocks::default();
    strike(&blocks, IpScope::Gateway, NOISY, second(0));
    let network = "203.0.113.9/32".parse().unwrap();
    blocks.lift(IpScope::Gateway, network);
    assert!(blocks.is_empty());
    assert!(blocks.untold(1).is_empty());
    strike(&blocks, IpScope::Gateway, NOISY, second(1));
    let block = Block {
        scope: IpScope::Gateway,
        network,
        since: second(1),
        until: second(301),
        strikes: 1,
    };
    assert_eq!(blocks.untold(5), [block]);
    blocks.put_back(vec![block]);
    assert_eq!(blocks.untold(5), [block]);
}

#[test]
fn the_table_has_an_end_and_forgets_what_was_quiet_longest() {
    let blocks = IpBlocks::default();
    strike(&blocks, IpScope::Gateway, NOISY, second(0));
    strike(&blocks, IpScope::Gateway, "198.51.100.1", second(0));
    for bits in 0..u32::try_from(ENTRIES_MAX).unwrap() - 1 {
        let ip = IpAddr::V4((0x0a00_0000 + bits).into());
        blocks.unknown_key(IpScope::Gateway, ip, second(1));
        if bits % 1_000 == 0 {
            let noisy = blocks.unknown_key(IpScope::Gateway, self::ip(NOISY), second(1));
            assert!(noisy.is_some());
        }
    }
    assert_eq!(blocks.len(), ENTRIES_MAX);
    let asked = |from| {
        blocks
            .unknown_key(IpScope::Gateway, ip(from), second(2))
            .is_some()
    };
    assert!(asked(NOISY));
    assert!(!asked("198.51.100.1"));
}
