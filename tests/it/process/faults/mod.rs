//! What breaks around a running process, under load: its database, its disk, its own end.

mod crowd;
mod database;
mod database_disk;
mod disk;
mod packets;
mod reports;
mod stop;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use parking_lot::Mutex;
use reqwest::Client;
use reqwest::StatusCode;
use serde_json::Value;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::process::Filled;
use crate::process::number;
use crate::process::wait_until;

const CALLERS: usize = 8;
/// Each caller asks at most so often, so that what is measured is not the queue.
const PACE: Duration = Duration::from_millis(5);

/// A machine that is busy with other tests is no fault: a node waits for its database.
const PATIENT: (&str, &str) = ("LATCHKEY_MIRROR_LEASE_MS", "30000");

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Valid,
    /// The code of the refusal.
    Refused(String),
    /// 503.
    Unavailable,
    /// Another status.
    Failed(StatusCode),
    /// No answer.
    Lost,
}

#[derive(Debug, Clone)]
pub struct Call {
    pub began: Instant,
    pub took: Duration,
    pub said: Said,
    pub request_id: String,
}

/// Callers who ask about one key until they are told to end.
pub struct Load {
    calls: Arc<Mutex<Vec<Call>>>,
    ended: Arc<AtomicBool>,
    callers: Vec<JoinHandle<()>>,
}

impl Load {
    pub fn begin(filled: &Filled, api: &str) -> Self {
        Self::of(&filled.key, &filled.credential, api)
    }

    pub fn of(key: &str, credential: &str, api: &str) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let caller = |_| {
            let (calls, ended) = (Arc::clone(&calls), Arc::clone(&ended));
            let question = json!({"key": key, "method": "GET", "path": "/v1/documents"});
            let (url, credential) = (format!("{api}/v1/keys/verify"), credential.to_owned());
            tokio::spawn(async move {
                let client = Client::new();
                let mut pace = tokio::time::interval(PACE);
                while !ended.load(Ordering::Relaxed) {
                    pace.tick().await;
                    let asked = client.post(&url).bearer_auth(&credential).json(&question);
                    let call = call(asked).await;
                    calls.lock().push(call);
                }
            })
        };
        Self {
            callers: (0..CALLERS).map(caller).collect(),
            calls,
            ended,
        }
    }

    pub fn count(&self, said: &Said) -> usize {
        let calls = self.calls.lock();
        calls.iter().filter(|call| call.said == *said).count()
    }

    /// Waits for `more` calls that end in `said`, begun from now on.
    pub async fn wait_for(&self, said: &Said, more: usize) {
        let from = Instant::now();
        wait_until(&format!("{more} more of {said:?}"), || {
            let calls = self.calls.lock();
            let since = calls.iter().filter(|call| call.began >= from);
            since.filter(|call| call.said == *said).count() >= more
        })
        .await;
    }

    pub async fn end(self) -> Vec<Call> {
        self.ended.store(true, Ordering::Relaxed);
        for caller in self.callers {
            caller.await.unwrap();
        }
        let calls = self.calls.lock();
        calls.clone()
    }
}

async fn call(asked: reqwest::RequestBuilder) -> Call {
    let began = Instant::now();
    let (said, request_id) = match asked.send().await {
        Err(_) => (Said::Lost, String::new()),
        Ok(answer) => outcome(answer).await,
    };
    Call {
        began,
        took: began.elapsed(),
        said,
        request_id,
    }
}

async fn outcome(answer: reqwest::Response) -> (Said, String) {
    let status = answer.status();
    let Ok(body) = answer.json::<Value>().await else {
        return (Said::Lost, String::new());
    };
    let id = body["request_id"].as_str().unwrap_or_default().to_owned();
    let said = match (status, body["valid"].as_bool()) {
        (StatusCode::SERVICE_UNAVAILABLE, _) => Said::Unavailable,
        (StatusCode::OK, Some(true)) => Said::Valid,
        (StatusCode::OK, Some(false)) => Said::Refused(body["code"].as_str().unwrap().to_owned()),
        _ => Said::Failed(status),
    };
    (said, id)
}

/// Nobody heard anything but that the key is valid, or that nobody can say.
pub fn assert_only_valid_or_unavailable(calls: &[Call]) {
    let other = calls
        .iter()
        .find(|call| !matches!(call.said, Said::Valid | Said::Unavailable));
    assert!(other.is_none(), "{other:?}");
}

/// The time within which all but one in a hundred were answered.
pub fn p99(calls: &[Call]) -> Duration {
    let mut times: Vec<Duration> = calls.iter().map(|call| call.took).collect();
    times.sort_unstable();
    times[times.len().saturating_sub(1) * 99 / 100]
}

/// Each decision that was answered has its row, and only one.
pub async fn assert_logged(connection: &mut diesel::PgConnection, calls: &[Call]) {
    let decided = calls
        .iter()
        .filter(|call| matches!(call.said, Said::Valid | Said::Refused(_)));
    let ids: Vec<&str> = decided.map(|call| call.request_id.as_str()).collect();
    assert!(!ids.is_empty());
    let ids = ids.join("','");
    let missing = format!(
        "select count(*) from unnest(array['{ids}']) id
          where not exists (select from request_log where request_id = id)"
    );
    wait_until("every answered request is in the log", || {
        number(connection, &missing) == 0
    })
    .await;
    let doubled = "select count(*) - count(distinct request_id) from request_log";
    assert_eq!(number(connection, doubled), 0);
}
