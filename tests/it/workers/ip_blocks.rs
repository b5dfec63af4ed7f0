//! Blocked addresses reach the database, and what the operator lifts reaches the node.

use std::net::IpAddr;
use std::time::Duration;

use latchkey::db::DbError;
use latchkey::db::ip_blocks;
use latchkey::db::ip_blocks::BlockRow;
use latchkey::domain::actor::Actor;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::ip_scope::IpScope;
use latchkey::verify::ip_block::IpBlocks;
use latchkey::verify::ip_block::UNKNOWN_KEYS_MAX;
use latchkey::verify::mirror::Mirror;
use latchkey::workers::ip_blocks::IpBlockTeller;
use latchkey::workers::mirror_sync::MirrorSync;
use uuid::Uuid;

use crate::support::db::TestDb;

const NODE: Uuid = Uuid::from_u128(1);

fn teller(db: &TestDb, blocks: &IpBlocks, node: Uuid) -> IpBlockTeller {
    IpBlockTeller::new(db.db(), blocks.clone(), SystemClock::shared(), node)
}

fn block(blocks: &IpBlocks, address: &str) {
    let (ip, now): (IpAddr, _) = (address.parse().unwrap(), SystemClock::shared().monotonic());
    for _ in 0..UNKNOWN_KEYS_MAX {
        blocks.unknown_key(IpScope::Gateway, ip, now);
    }
    assert!(blocks.unknown_key(IpScope::Gateway, ip, now).is_some());
}

fn holding(db: &TestDb) -> Vec<BlockRow> {
    ip_blocks::holding(&mut db.connection(), None, 10).unwrap()
}

#[tokio::test]
async fn a_block_is_told_once_and_again_when_it_begins_anew() {
    let (db, blocks) = (TestDb::new(), IpBlocks::default());
    let mut teller = teller(&db, &blocks, NODE);
    block(&blocks, "203.0.113.9");
    assert_eq!(teller.run_once().await.unwrap(), 1);
    assert_eq!(teller.run_once().await.unwrap(), 0);
    let [row] = &holding(&db)[..] else {
        panic!("one block");
    };
    assert_eq!((&*row.scope, row.strikes, row.nodes), ("gateway", 1, 1));
    assert_eq!(row.network.to_string(), "203.0.113.9/32");
    let lasts = (row.until - row.since).num_milliseconds();
    assert!((299_000..=301_000).contains(&lasts), "{lasts}");
}

#[tokio::test]
async fn nodes_tell_of_the_same_address_and_a_restarted_one_tells_anew() {
    let (db, blocks) = (TestDb::new(), IpBlocks::default());
    block(&blocks, "203.0.113.9");
    block(&blocks, "2001:db8::1");
    teller(&db, &blocks, NODE).run_once().await.unwrap();
    let other = IpBlocks::default();
    block(&other, "203.0.113.9");
    let node = Uuid::from_u128(2);
    teller(&db, &other, node).run_once().await.unwrap();
    let mut nodes: Vec<i64> = holding(&db).iter().map(|row| row.nodes).collect();
    nodes.sort_unstable();
    assert_eq!(nodes, [1, 2]);
    let empty = IpBlocks::default();
    teller(&db, &empty, NODE).run_once().await.unwrap();
    let nodes: Vec<i64> = holding(&db).iter().map(|row| row.nodes).collect();
    assert_eq!(nodes, [1]);
}

#[tokio::test]
async fn what_the_operator_lifts_is_lifted_at_the_node() {
    let db = TestDb::new();
    let (clock, mirror) = (SystemClock::shared(), Mirror::new(Duration::from_mins(1)));
    let name = (NODE, "one".to_owned());
    let mut sync = MirrorSync::new(db.db(), mirror.clone(), clock.clone(), name);
    sync.run_once().await.unwrap();
    block(mirror.ip_blocks(), "203.0.113.9");
    let mut teller = teller(&db, mirror.ip_blocks(), NODE);
    teller.run_once().await.unwrap();
    let place = (IpScope::Gateway, "203.0.113.9/32".parse().unwrap());
    let actor = Actor::system("test");
    let seq = ip_blocks::lift(&mut db.connection(), &actor, clock.now(), place).unwrap();
    assert!(seq > 0);
    assert!(holding(&db).is_empty());
    sync.run_once().await.unwrap();
    assert!(mirror.ip_blocks().is_empty());

    let again = ip_blocks::lift(&mut db.connection(), &actor, clock.now(), place);
    assert!(matches!(again, Err(DbError::NotFound)));
    block(mirror.ip_blocks(), "203.0.113.9");
    teller.run_once().await.unwrap();
    assert_eq!(holding(&db).len(), 1, "a new block after a lift is seen");
}
