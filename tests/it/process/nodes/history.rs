//! Every call and every revoke with its times, and the one rule that they must keep.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use crate::support::nodes::NAMES;
use crate::support::nodes::Nodes;
use crate::support::nodes::Said;
use crate::support::nodes::wait_until;

#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub began: Instant,
    pub node: usize,
    pub key: usize,
    pub said: Said,
}

/// Calls each node without a pause about the key in question.
pub struct History {
    pub nodes: Arc<Nodes>,
    calls: Arc<Mutex<Vec<Call>>>,
    /// When the page that revoked the key had come, by key.
    revoked: Vec<Instant>,
    key: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    callers: Vec<tokio::task::JoinHandle<()>>,
}

impl History {
    pub async fn begin(keys: usize) -> Self {
        let nodes = Arc::new(Nodes::start(keys).await);
        let mut history = Self {
            nodes,
            calls: Arc::default(),
            revoked: Vec::new(),
            key: Arc::default(),
            stop: Arc::default(),
            callers: Vec::new(),
        };
        for node in 0..NAMES.len() {
            let caller = history.caller(node);
            history.callers.push(tokio::spawn(caller));
        }
        history
    }

    fn caller(&self, node: usize) -> impl Future<Output = ()> + use<> {
        let (nodes, calls) = (Arc::clone(&self.nodes), Arc::clone(&self.calls));
        let (key, stop) = (Arc::clone(&self.key), Arc::clone(&self.stop));
        async move {
            while !stop.load(Ordering::SeqCst) {
                let (key, began) = (key.load(Ordering::SeqCst), Instant::now());
                let said = nodes.verify(node, key).await;
                let call = Call {
                    began,
                    node,
                    key,
                    said,
                };
                calls.lock().unwrap().push(call);
            }
        }
    }

    /// Revokes the next key when each of `live` has accepted it, and goes on when every node has
    /// been asked afterwards. From the click to the page.
    pub async fn revoke(&mut self, live: &[usize]) -> Duration {
        let key = self.revoked.len();
        self.key.store(key, Ordering::SeqCst);
        for node in live {
            let accepts = |call: &Call| call.key == key && call.said == Said::Valid;
            self.wait_for("accepted", *node, accepts).await;
        }
        let took = self.nodes.revoke(key).await;
        let returned = Instant::now();
        self.revoked.push(returned);
        for node in 0..NAMES.len() {
            let later = |call: &Call| call.key == key && call.began > returned;
            self.wait_for("asked again", node, later).await;
        }
        took
    }

    pub async fn wait_for(&self, what: &str, node: usize, holds: impl Fn(&Call) -> bool) {
        wait_until(&format!("{what} by {}", NAMES[node]), || {
            let calls = self.calls.lock().unwrap();
            calls
                .iter()
                .rev()
                .any(|call| call.node == node && holds(call))
        })
        .await;
    }

    /// Until the last acceptance of each key, counted from the return of its revoke: nothing may
    /// have been accepted that was asked after it.
    pub async fn check(self) {
        self.stop.store(true, Ordering::SeqCst);
        for caller in self.callers {
            caller.await.unwrap();
        }
        let calls = self.calls.lock().unwrap();
        let broken: Vec<_> = calls
            .iter()
            .filter(|call| call.said == Said::Valid)
            .filter(|call| {
                self.revoked
                    .get(call.key)
                    .is_some_and(|at| call.began > *at)
            })
            .collect();
        assert!(
            broken.is_empty(),
            "{} accepted after the page: {broken:?}",
            broken.len()
        );
        eprintln!(
            "{} calls, {} revokes, no violation",
            calls.len(),
            self.revoked.len()
        );
    }
}

/// The longest of some times, told with the median.
pub fn slowest(what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort();
    let (median, last) = (times[times.len() / 2], times[times.len() - 1]);
    eprintln!(
        "{what}: {} revokes, median {median:?}, longest {last:?}",
        times.len()
    );
    last
}
