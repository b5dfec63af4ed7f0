//! The edge as it runs, on port 0, with a mirror that is filled by hand and a spool in a directory
//! of its own.

mod filled;
mod granted;
mod written;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use actix_web::App;
use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use chrono::DateTime;
use chrono::Utc;
use latchkey::crypto::digest::Digest;
use latchkey::crypto::digest::Pepper;
use latchkey::crypto::key_secret::PlainKey;
use latchkey::crypto::service_credential;
use latchkey::crypto::service_credential::ServicePrefix;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::clock::SharedClock;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::random::OsRandom;
use latchkey::edge::Api;
use latchkey::edge::decisions::Decisions;
use latchkey::edge::forward_auth::ForwardAuthPeers;
use latchkey::edge::gateway::Gateway;
use latchkey::http::client_ip::TrustedProxies;
use latchkey::http::request_id::RequestIds;
use latchkey::spool::Spool;
use latchkey::spool::SpoolConfig;
use latchkey::verify::Verifier;
use latchkey::verify::app_usage::AppUsageBatch;
use latchkey::verify::app_usage::AppUsageDesk;
use latchkey::verify::failed_attempts::FailedAttempts;
use latchkey::verify::mirror::Mirror;
use latchkey::verify::own_key::OwnRevocation;
use latchkey::verify::own_key::OwnRevocations;
use metrics_exporter_prometheus::PrometheusBuilder;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::mpsc;

pub const ACCOUNT: AccountId = AccountId(7);
const WORKSPACE: WorkspaceId = WorkspaceId(8);
const OWNER: uuid::Uuid = uuid::Uuid::from_u128(9);

pub struct TestEdge {
    pub api: SocketAddr,
    pub client: reqwest::Client,
    pub mirror: Mirror,
    pub revocations: mpsc::Receiver<OwnRevocation>,
    /// App usage as a worker would get it; `None` once one has it.
    pub app_usage: Option<mpsc::Receiver<AppUsageBatch>>,
    pub failed_attempts: FailedAttempts,
    pub clock: SharedClock,
    decisions: Decisions,
    service: PlainKey,
    spool: Spool,
    /// Of gateways that are started afterwards.
    pub trusted_proxies: TrustedProxies,
    servers: Vec<ServerHandle>,
    _directory: tempfile::TempDir,
}

impl Drop for TestEdge {
    fn drop(&mut self) {
        for server in &self.servers {
            // The order is given at once; nobody needs to wait for its end.
            drop(server.stop(false));
        }
    }
}

pub fn prefix() -> KeyPrefix {
    KeyPrefix::default()
}

fn pepper() -> Pepper {
    Pepper::new(&[7; 32]).unwrap()
}

fn digest(key: &PlainKey) -> Digest {
    pepper().digest(key.expose())
}

/// There is one recorder in a process.
fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| PrometheusBuilder::new().install_recorder().unwrap())
        .clone()
}

impl TestEdge {
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = SpoolConfig::new(directory.path().join("spool"));
        Self::start_with(&config, "127.0.0.0/8", directory)
    }

    /// With a spool that takes nothing.
    pub fn start_with_full_spool() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = SpoolConfig::new(directory.path().join("spool"));
        config.bytes_max = 1;
        Self::start_with(&config, "127.0.0.0/8", directory)
    }

    pub fn start_with_peers(peers: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = SpoolConfig::new(directory.path().join("spool"));
        Self::start_with(&config, peers, directory)
    }

    fn start_with(config: &SpoolConfig, peers: &str, directory: tempfile::TempDir) -> Self {
        let recorder = recorder();
        let clock = SystemClock::shared();
        let spool = Spool::open(config, Arc::clone(&clock), &OsRandom).unwrap();
        let mirror = Mirror::new(Duration::from_hours(1));
        let verifier = Verifier::new(mirror.clone(), prefix(), pepper(), Arc::clone(&clock));
        let failed_attempts = FailedAttempts::default();
        let decisions = Decisions::new(
            verifier,
            spool.clone(),
            failed_attempts.clone(),
            Arc::clone(&clock),
        );
        let (own_revocations, revocations) = OwnRevocations::channel();
        let (desk, app_usage) = AppUsageDesk::channel();
        let peers = ForwardAuthPeers::new(vec![peers.parse().unwrap()], &[]);
        let api = Api::new(decisions.clone(), (own_revocations, desk), peers, recorder);
        let ids = RequestIds::new(Arc::clone(&clock), OsRandom::shared());
        let server = HttpServer::new(move || {
            let api = api.clone();
            App::new()
                .wrap(ids.clone())
                .configure(move |config| api.routes(config))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let api = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        let service =
            service_credential::generate(&ServicePrefix::of(&prefix()), &OsRandom).unwrap();
        let edge = Self {
            api,
            client: reqwest::Client::new(),
            mirror,
            revocations,
            app_usage: Some(app_usage),
            failed_attempts,
            clock,
            decisions,
            service,
            spool,
            trusted_proxies: TrustedProxies::default(),
            servers: vec![handle],
            _directory: directory,
        };
        edge.fill();
        edge
    }

    /// A gateway before the API at `url`; its address.
    pub fn gateway(&mut self, url: &str) -> SocketAddr {
        let gateway = Gateway::new(self.decisions.clone(), &url.parse().unwrap()).unwrap();
        let ids = RequestIds::new(Arc::clone(&self.clock), OsRandom::shared());
        let trusted = self.trusted_proxies.clone();
        let server = HttpServer::new(move || {
            let gateway = gateway.clone();
            App::new()
                .app_data(trusted.clone())
                .wrap(ids.clone())
                .configure(move |config| gateway.routes(config))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        self.servers.push(server.handle());
        tokio::spawn(server);
        address
    }

    pub fn renew(&self) {
        self.mirror
            .lease()
            .renew(self.clock.monotonic(), self.clock.now());
    }

    /// The node has not heard from its database for too long.
    pub fn lapse(&self) {
        self.mirror.lease().end();
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn service(&self) -> String {
        format!("Bearer {}", self.service.expose())
    }

    pub fn service_key(&self) -> &PlainKey {
        &self.service
    }

    /// A second service that may ask.
    pub fn another_service(&self) -> PlainKey {
        let other = service_credential::generate(&ServicePrefix::of(&prefix()), &OsRandom).unwrap();
        self.put_service(&other);
        other
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.api)
    }

    /// As a service asks; any body.
    pub async fn verify(&self, body: impl Into<reqwest::Body>) -> reqwest::Response {
        self.client
            .post(self.url("/v1/keys/verify"))
            .header("authorization", self.service())
            .body(body)
            .send()
            .await
            .unwrap()
    }
}

/// A key that nobody has.
pub fn plain_key() -> PlainKey {
    let id = ApiKeyId::generate(&OsRandom).unwrap();
    PlainKey::generate(&prefix(), id, &OsRandom).unwrap()
}
