//! Many callers on three nodes want the last units.

use futures_util::future::join_all;
use latchkey::crypto::key_secret::PlainKey;

use super::Node;
use super::key;
use super::verify;
use super::verify_until_refused;
use crate::db::fixture::Fixture;

/// How many of `callers` per node are let in, each of whom asks `times`.
async fn race(nodes: &[Node; 3], key: &PlainKey, callers: usize, times: usize) -> usize {
    let tasks = nodes.iter().flat_map(|node| {
        (0..callers).map(|_| {
            let (verifier, secret) = (node.verifier.clone(), key.expose().to_owned());
            tokio::spawn(async move {
                let mut allowed = 0;
                for _ in 0..times {
                    allowed += usize::from(verify(&verifier, &secret).await.is_ok());
                }
                allowed
            })
        })
    });
    let allowed = join_all(tasks).await;
    allowed.into_iter().map(Result::unwrap).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn of_all_who_want_the_last_unit_exactly_one_gets_it_a_hundred_times() {
    let mut fixture = Fixture::new();
    let keys: Vec<_> = (0..100)
        .map(|number| key(&mut fixture, &format!("key {number}"), "daily = 1"))
        .collect();
    let nodes = Node::three(&fixture).await;
    for key in &keys {
        assert_eq!(race(&nodes, key, 20, 1).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn three_nodes_together_let_in_as_many_as_the_cap_and_no_more() {
    for (cap, times) in [(10, 1), (1_000, 20)] {
        let mut fixture = Fixture::new();
        let limits = format!("total = {cap}, daily = {cap}, monthly = {cap}");
        let key = key(&mut fixture, "shared", &limits);
        let nodes = Node::three(&fixture).await;
        let allowed = race(&nodes, &key, 64, times).await;
        assert!(allowed <= cap, "{allowed} of {cap}");
        // What a node has left it gives back when it stops, and another may spend it.
        let [one, two, three] = nodes;
        two.stop().await;
        three.stop().await;
        let (rest, _) = verify_until_refused(&one.verifier, &key).await;
        let all = allowed + usize::try_from(rest).unwrap();
        assert_eq!(all, cap);
    }
}
