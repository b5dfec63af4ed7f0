//! The way of app usage into the database: the edge asks, a worker writes.
//!
//! The edge has no door to the database, so that nothing on the decision path can wait for one.

use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

/// More batches than this at once are told to come again.
const BATCHES_CAPACITY: usize = 16;
/// An answer that takes longer is not waited for. What was sent may be written all the same; sent
/// again, it is not counted again.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);

/// Usage that no key made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppUsage {
    /// The caller's own name for it, unique in the account.
    pub event_id: String,
    /// Of the account: its id, domain or customer id.
    pub account: String,
    /// Id or slug.
    pub workspace: Option<String>,
    pub meter: String,
    /// Negative only where a level falls.
    pub amount: i64,
    pub at: DateTime<Utc>,
}

/// A batch that waits for its commit.
pub struct AppUsageBatch {
    pub usage: Vec<AppUsage>,
    pub answer: oneshot::Sender<AppUsageAnswer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppUsageAnswer {
    /// Committed, but for what is of accounts and workspaces that nobody knows.
    Taken {
        accepted: usize,
        /// Counted before.
        repeated: usize,
        unknown: Vec<Unknown>,
    },
    /// Nothing is written.
    Faulty(Vec<ItemFault>),
    /// Nothing is known to be written.
    Unavailable,
}

/// An event that is not counted, because nobody knows whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Its place in the batch, from 0.
    pub item: usize,
    /// `account` or `workspace`.
    pub field: &'static str,
}

/// What is wrong with one field of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFault {
    pub item: usize,
    pub field: &'static str,
    /// In words for the caller.
    pub rule: &'static str,
}

#[derive(Clone)]
pub struct AppUsageDesk(mpsc::Sender<AppUsageBatch>);

impl AppUsageDesk {
    pub fn channel() -> (Self, mpsc::Receiver<AppUsageBatch>) {
        let (sender, receiver) = mpsc::channel(BATCHES_CAPACITY);
        (Self(sender), receiver)
    }

    /// Waits for the commit; `Unavailable` if the worker is too busy or gone.
    pub async fn hand_in(&self, usage: Vec<AppUsage>) -> AppUsageAnswer {
        let (answer, reply) = oneshot::channel();
        if self.0.try_send(AppUsageBatch { usage, answer }).is_err() {
            return AppUsageAnswer::Unavailable;
        }
        match tokio::time::timeout(ANSWER_PATIENCE, reply).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => AppUsageAnswer::Unavailable,
        }
    }
}
