//! Limits on several nodes that share one database: never over, and under by what a node that died
//! had taken.

mod faults;
mod model;
mod race;

use std::sync::Arc;
use std::time::Duration;

use latchkey::crypto::key_secret::PlainKey;
use latchkey::db::Db;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::clock::SharedClock;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::limit::LimitState;
use latchkey::verify::Attempt;
use latchkey::verify::Decision;
use latchkey::verify::Denial;
use latchkey::verify::Verifier;
use latchkey::verify::mirror::Mirror;
use latchkey::workers::lease_broker::LeaseBroker;
use latchkey::workers::mirror_sync::MirrorSync;
use latchkey::workers::mirror_sync::Round;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::db::fixture::Fixture;
use crate::db::fixture::pepper;

/// A node in this process: mirror, verifier and broker.
struct Node {
    verifier: Verifier,
    sync: MirrorSync,
    broker: JoinHandle<()>,
    stop: CancellationToken,
}

impl Node {
    async fn start(fixture: &Fixture, number: u128) -> Self {
        Self::start_by(SystemClock::shared(), fixture, number).await
    }

    async fn start_by(clock: SharedClock, fixture: &Fixture, number: u128) -> Self {
        let mirror = Mirror::new(Duration::from_mins(1));
        let db = Db::new(&fixture.url(), 3);
        let name = (Uuid::from_u128(number), format!("node {number}"));
        let sync = MirrorSync::new(db.clone(), mirror.clone(), Arc::clone(&clock), name);
        let stop = CancellationToken::new();
        let broker = LeaseBroker::new(db, mirror.ledger().clone(), Arc::clone(&clock));
        let broker = tokio::spawn(broker.run(stop.clone()));
        let prefix = KeyPrefix::parse("lk").unwrap();
        let mut node = Self {
            verifier: Verifier::new(mirror, prefix, pepper(), clock),
            sync,
            broker,
            stop,
        };
        node.catch_up().await;
        node
    }

    async fn three(fixture: &Fixture) -> [Self; 3] {
        [
            Self::start(fixture, 1).await,
            Self::start(fixture, 2).await,
            Self::start(fixture, 3).await,
        ]
    }

    async fn catch_up(&mut self) {
        while self.sync.run_once().await.unwrap() == Round::More {}
    }

    /// As at the end of the process: what it has is given back.
    async fn stop(self) {
        self.stop.cancel();
        self.broker.await.unwrap();
    }

    /// As at `kill -9`.
    async fn kill(self) {
        self.broker.abort();
        assert!(self.broker.await.unwrap_err().is_cancelled());
    }
}

/// `Ok` with the key's limits after it, or the refusal.
async fn verify(verifier: &Verifier, key: &str) -> Result<Vec<LimitState>, Denial> {
    match verifier.decide(&Attempt::of(key)).await.unwrap() {
        Decision::Allow(permit) => Ok(permit.limits.into_iter().flatten().collect()),
        Decision::Deny(denial) => Err(denial),
    }
}

/// How many requests one after the other are allowed, and why the next is not.
async fn verify_until_refused(verifier: &Verifier, key: &PlainKey) -> (u64, DenyReason) {
    let mut allowed = 0;
    loop {
        match verify(verifier, key.expose()).await {
            Ok(_) => allowed += 1,
            Err(denial) => return (allowed, denial.reason),
        }
    }
}

/// A key with limits: `daily = 3`.
fn key(fixture: &mut Fixture, name: &str, limits: &str) -> PlainKey {
    let (new, plain) = fixture.draft(name);
    fixture.insert(&new).unwrap();
    set_limits(fixture, new.id, limits);
    plain
}

fn set_limits(fixture: &mut Fixture, key: ApiKeyId, limits: &str) {
    let account = fixture.account.0;
    fixture.execute(&format!(
        "insert into key_limits (account_id, key_id) values ({account}, '{key}')
             on conflict do nothing;
         update key_limits set {limits} where key_id = '{key}'"
    ));
}
