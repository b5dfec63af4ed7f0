//! What is known of one provider: its metadata and its keys, fetched when they are wanted.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::StatusCode;
use http::header;
use tokio::sync::Mutex;

use crate::config::OidcClient;
use crate::domain::clock::SharedClock;
use crate::oidc::Fault;
use crate::oidc::metadata;
use crate::oidc::metadata::Metadata;
use crate::oidc::token::Keys;
use crate::oidc::transport::Transport;

/// Providers change their addresses once in years.
const METADATA_KEPT: Duration = Duration::from_hours(12);
/// A key that a provider has withdrawn is believed for this long at most.
const KEYS_KEPT: Duration = Duration::from_hours(1);
/// A token may name any key; only so often is an unknown one worth a question.
const UNKNOWN_KEY_EVERY: Duration = Duration::from_secs(10);
/// A provider that failed is left alone for this long, so that nobody waits in line for it.
const PAUSE: Duration = Duration::from_secs(3);

pub struct Cache {
    client: OidcClient,
    transport: Transport,
    clock: SharedClock,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<Aged<Metadata>>,
    keys: Option<Aged<Keys>>,
    /// When the provider last failed.
    failed_at: Option<Duration>,
}

/// Something and when it was fetched, by the monotonic clock.
struct Aged<T> {
    what: Arc<T>,
    at: Duration,
}

impl<T> Aged<T> {
    fn younger_than(&self, age: Duration, now: Duration) -> Option<Arc<T>> {
        (now.saturating_sub(self.at) < age).then(|| Arc::clone(&self.what))
    }
}

impl Cache {
    pub fn new(client: OidcClient, transport: Transport, clock: SharedClock) -> Self {
        Self {
            client,
            transport,
            clock,
            known: Mutex::default(),
        }
    }

    /// One question at a time; who comes meanwhile gets its answer.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, Fault> {
        let mut known = self.known.lock().await;
        let now = self.clock.monotonic();
        let fresh = known.metadata.as_ref();
        if let Some(metadata) = fresh.and_then(|one| one.younger_than(METADATA_KEPT, now)) {
            return Ok(metadata);
        }
        let address = metadata::address(&self.client.issuer);
        let fetched = self.fetch(&mut known, &address).await;
        match fetched.and_then(|body| Metadata::parse(&self.client, &body)) {
            Ok(metadata) => {
                let what = Arc::new(metadata);
                known.metadata = Some(Aged {
                    what: Arc::clone(&what),
                    at: now,
                });
                Ok(what)
            }
            // What was true for half a day goes on to be, rather than that nobody gets in.
            Err(fault) => {
                known.failed_at = Some(self.clock.monotonic());
                match &known.metadata {
                    Some(old) => Ok(Arc::clone(&old.what)),
                    None => Err(fault),
                }
            }
        }
    }

    /// The keys, of an age that tokens may be judged by.
    pub async fn keys(&self, metadata: &Metadata) -> Result<Arc<Keys>, Fault> {
        self.keys_younger_than(KEYS_KEPT, metadata).await
    }

    /// The keys after a token named one that is not among them.
    pub async fn newer_keys(&self, metadata: &Metadata) -> Result<Arc<Keys>, Fault> {
        self.keys_younger_than(UNKNOWN_KEY_EVERY, metadata).await
    }

    async fn keys_younger_than(
        &self,
        age: Duration,
        metadata: &Metadata,
    ) -> Result<Arc<Keys>, Fault> {
        let mut known = self.known.lock().await;
        let now = self.clock.monotonic();
        let fresh = known.keys.as_ref();
        if let Some(keys) = fresh.and_then(|one| one.younger_than(age, now)) {
            return Ok(keys);
        }
        let body = self.fetch(&mut known, metadata.keys.as_str()).await?;
        let what = Arc::new(Keys::parse(&body)?);
        known.keys = Some(Aged {
            what: Arc::clone(&what),
            at: now,
        });
        Ok(what)
    }

    async fn fetch(&self, known: &mut Known, address: &str) -> Result<Vec<u8>, Fault> {
        let paused = |at: Duration| self.clock.monotonic().saturating_sub(at) < PAUSE;
        if known.failed_at.is_some_and(paused) {
            return Err(Fault::Unavailable("it failed a moment ago".to_owned()));
        }
        let fetched = self.ask(address).await;
        known.failed_at = fetched.is_err().then(|| self.clock.monotonic());
        fetched
    }

    async fn ask(&self, address: &str) -> Result<Vec<u8>, Fault> {
        let unavailable = |what: String| Fault::Unavailable(format!("{address}: {what}"));
        let request = Request::get(address)
            .header(header::ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|error| unavailable(error.to_string()))?;
        let answer = self.transport.send(request).await;
        let answer = answer.map_err(|fault| unavailable(fault.to_string()))?;
        if answer.status() != StatusCode::OK {
            return Err(unavailable(answer.status().to_string()));
        }
        Ok(answer.into_body())
    }
}
