//! The ledgers of several nodes against an oracle: whatever is delayed, lost, repeated or changed,
//! and whenever a node dies, at no instant are more requests let in than the cap says.
//!
//! The ledger is the real one. The counters are a model here, so that ten thousand histories take
//! seconds; `agrees` shows that PostgreSQL says the same as the model.

mod agrees;
mod counters;
mod node;
mod op;
mod world;

use latchkey::domain::limit::KeyLimits;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use op::Caps;
use op::Op;
use op::Way;
use world::World;

const NODES: usize = 3;
const SEEDS: FileFailurePersistence =
    FileFailurePersistence::Direct("tests/it/limits/model/seeds.txt");

/// Which caps there are stays; how high they are may change.
#[derive(Debug, Clone, Copy)]
struct Capped([bool; 7]);

fn capped() -> impl Strategy<Value = Capped> {
    any::<[bool; 7]>().prop_map(|mut capped| {
        capped[1] |= !capped[0] && !capped[2] && !capped[3];
        capped[4] |= !capped[5] && !capped[6];
        Capped(capped)
    })
}

fn caps(Capped(capped): Capped) -> impl Strategy<Value = Caps> {
    any::<[u64; 7]>().prop_map(move |caps| {
        let mut caps = capped.iter().zip(caps).map(|(capped, cap)| {
            // Often few, sometimes many.
            let cap = if cap % 3 == 0 {
                1 + cap / 3 % 200
            } else {
                1 + cap / 3 % 8
            };
            capped.then_some(cap)
        });
        let mut next = || caps.next().flatten();
        Caps {
            key: KeyLimits {
                total: next(),
                daily: next(),
                weekly: next(),
                monthly: next(),
            },
            per_second: next(),
            per_minute: next(),
            meter: next(),
        }
    })
}

/// From a millisecond to a month, in the sizes of bins, buckets and windows.
fn time() -> impl Strategy<Value = i64> {
    let sizes = [
        1,
        40,
        100,
        900,
        1_000,
        20_000,
        60_000,
        600_000,
        3_600_000,
        86_400_000,
        604_800_000,
    ];
    (proptest::sample::select(sizes.to_vec()), 1..4_500_i64).prop_map(|(size, part)| size * part)
}

/// Where bins and buckets end.
fn edge() -> impl Strategy<Value = (i64, i64)> {
    let wholes = [100_000, 1_000_000, 60_000_000, 600_000_000, 3_600_000_000];
    (
        proptest::sample::select(wholes.to_vec()),
        -40_000..40_000_i64,
    )
}

/// About as long as a window.
fn window() -> impl Strategy<Value = i64> {
    let seconds = [1, 60, 86_400, 604_800, 2_592_000];
    (
        proptest::sample::select(seconds.to_vec()),
        -40_000..40_000_i64,
    )
        .prop_map(|(seconds, beside)| seconds * 1_000_000 + beside)
}

fn op(capped: Capped) -> impl Strategy<Value = Op> {
    let node = || 0..NODES;
    let way = prop_oneof![4 => Just(Way::Straight), 2 => Just(Way::Late), 1 => Just(Way::Lost)];
    prop_oneof![
        24 => (node(), 0..3_u64).prop_map(|(node, credits)| Op::Call(node, credits)),
        4 => (node(), 0..3_u64).prop_map(|(node, credits)| Op::Knock(node, credits)),
        3 => node().prop_map(Op::TakeBack),
        10 => time().prop_map(Op::Pass),
        6 => edge().prop_map(|(whole, beside)| Op::PassTo(whole, beside)),
        4 => window().prop_map(Op::Pass),
        2 => node().prop_map(Op::Put),
        2 => node().prop_map(Op::Serve),
        3 => node().prop_map(Op::Answer),
        1 => node().prop_map(Op::Lose),
        3 => (node(), way).prop_map(|(node, way)| Op::GiveBack(node, way)),
        1 => node().prop_map(Op::Crash),
        1 => caps(capped).prop_map(Op::Change),
        2 => node().prop_map(Op::Learn),
    ]
}

fn history() -> impl Strategy<Value = (Caps, Vec<Op>)> {
    capped().prop_flat_map(|capped| (caps(capped), proptest::collection::vec(op(capped), 1..60)))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10_000,
        failure_persistence: Some(Box::new(SEEDS)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_history_lets_in_more_than_a_cap_or_loses_more_than_what_was_lost((caps, ops) in history()) {
        let mut world = World::new(caps, NODES);
        for op in ops {
            world.run(op);
        }
        world.end();
    }
}

#[test]
fn a_node_whose_clock_runs_slow_stops_before_its_bucket_ends() {
    let caps = Caps {
        key: KeyLimits {
            daily: Some(100),
            ..KeyLimits::default()
        },
        per_second: None,
        per_minute: Some(1_000),
        meter: None,
    };
    let slow = 1;
    let mut world = World::new(caps, NODES);
    world.run(Op::PassTo(60_000_000, 1_000));
    // The second finds out that there will be more, and takes some for them.
    world.run(Op::Call(slow, 0));
    world.run(Op::Call(slow, 0));
    world.run(Op::PassTo(60_000_000, 20_000));
    world.run(Op::Call(slow, 0));
    // What came first has freed, what came second is ten milliseconds too young.
    world.run(Op::Pass(86_400_000_000 - 10_000));
    world.end();
}
