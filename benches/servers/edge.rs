//! The edge as `app` serves it, with a mirror filled by hand.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::HttpServer;
use latchkey::crypto::digest::Pepper;
use latchkey::crypto::key_secret::PlainKey;
use latchkey::crypto::service_credential;
use latchkey::crypto::service_credential::ServicePrefix;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::ErrorProfile;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::clock::SharedClock;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::grant::Permissions;
use latchkey::domain::grant::Resources;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::key_state::KeyTimes;
use latchkey::domain::random::OsRandom;
use latchkey::edge::Api;
use latchkey::edge::decisions::Decisions;
use latchkey::edge::forward_auth::ForwardAuthPeers;
use latchkey::edge::gateway::Gateway;
use latchkey::http::request_id::RequestIds;
use latchkey::spool::Spool;
use latchkey::spool::SpoolConfig;
use latchkey::verify::Verifier;
use latchkey::verify::app_usage::AppUsageDesk;
use latchkey::verify::entry::AccountEntry;
use latchkey::verify::entry::CredentialEntry;
use latchkey::verify::entry::KeyEntry;
use latchkey::verify::entry::PersonEntry;
use latchkey::verify::entry::PresetEntry;
use latchkey::verify::entry::SecretEntry;
use latchkey::verify::entry::WorkspaceEntry;
use latchkey::verify::failed_attempts::FailedAttempts;
use latchkey::verify::mirror::Mirror;
use latchkey::verify::own_key::OwnRevocations;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::fault;

struct Bench {
    clock: SharedClock,
    decisions: Decisions,
    key: PlainKey,
    service: PlainKey,
    recorder: metrics_exporter_prometheus::PrometheusHandle,
    _directory: tempfile::TempDir,
}

/// One line, at once: a script waits for it.
#[expect(clippy::print_stdout, reason = "what the script reads")]
pub fn say(line: &str) {
    println!("{line}");
}

impl Bench {
    /// With `keys` in the mirror; they are written to `file` too, one a line, if there is one.
    fn new(keys: usize, file: Option<&str>) -> std::io::Result<Self> {
        let recorder = PrometheusBuilder::new().install_recorder().map_err(fault)?;
        let directory = tempfile::tempdir()?;
        let clock = SystemClock::shared();
        let config = SpoolConfig::new(directory.path().join("spool"));
        let spool = Spool::open(&config, Arc::clone(&clock), &OsRandom).map_err(fault)?;
        let mirror = Mirror::new(Duration::from_hours(1));
        mirror.lease().renew(clock.monotonic(), clock.now());
        let pepper = Pepper::new(&[7; 32]).map_err(fault)?;
        let service =
            service_credential::generate(&ServicePrefix::of(&KeyPrefix::default()), &OsRandom)
                .map_err(fault)?;
        fill(&mirror, &pepper, &service);
        let mut key = put_key(&mirror, &pepper)?;
        let mut list = format!("{}\n", key.expose());
        for _ in 1..keys {
            key = put_key(&mirror, &pepper)?;
            list.push_str(key.expose());
            list.push('\n');
        }
        if let Some(file) = file {
            std::fs::write(file, list)?;
        }
        let verifier = Verifier::new(mirror, KeyPrefix::default(), pepper, Arc::clone(&clock));
        let attempts = FailedAttempts::default();
        let decisions = Decisions::new(verifier, spool, attempts, Arc::clone(&clock));
        Ok(Self {
            clock,
            decisions,
            key,
            service,
            recorder,
            _directory: directory,
        })
    }

    fn ids(&self) -> RequestIds {
        RequestIds::new(Arc::clone(&self.clock), OsRandom::shared())
    }

    fn introduce(&self, listener: &TcpListener) -> std::io::Result<()> {
        let (address, key, service) = (listener.local_addr()?, &self.key, &self.service);
        say(&format!(
            "http://{address} {} {}",
            key.expose(),
            service.expose()
        ));
        Ok(())
    }
}

pub async fn verify(keys: usize, file: Option<&str>) -> std::io::Result<()> {
    let bench = Bench::new(keys, file)?;
    let (revocations, _waiting) = OwnRevocations::channel();
    let (app_usage, _batches) = AppUsageDesk::channel();
    let peers = ForwardAuthPeers::new(vec!["127.0.0.0/8".parse().map_err(fault)?], &[]);
    let api = Api::new(
        bench.decisions.clone(),
        (revocations, app_usage),
        peers,
        bench.recorder.clone(),
    );
    let ids = bench.ids();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    bench.introduce(&listener)?;
    HttpServer::new(move || {
        App::new()
            .configure(|config| api.routes(config))
            .wrap(ids.clone())
    })
    .workers(1)
    .listen(listener)?
    .run()
    .await
}

pub async fn gateway(upstream: &str) -> std::io::Result<()> {
    let bench = Bench::new(1, None)?;
    let upstream = upstream.parse().map_err(fault)?;
    let gateway = Gateway::new(bench.decisions.clone(), &upstream).map_err(fault)?;
    let ids = bench.ids();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    bench.introduce(&listener)?;
    HttpServer::new(move || {
        App::new()
            .configure(|config| gateway.routes(config))
            .wrap(ids.clone())
    })
    .workers(1)
    .listen(listener)?
    .run()
    .await
}

fn fill(mirror: &Mirror, pepper: &Pepper, service: &PlainKey) {
    let tables = mirror.tables();
    tables.put_account(AccountEntry {
        id: AccountId(1),
        public_id: "acc_4fZk0QpL9aBc".into(),
        domain: "acme".into(),
        customer_id: "acme-1".into(),
        suspended: false,
        plan: "standard".into(),
        profile: ErrorProfile::Documented,
        refused_credentials: Vec::new(),
    });
    tables.put_workspace(WorkspaceEntry {
        id: WorkspaceId(1),
        public_id: "wsp_4fZk0QpL9aBc".into(),
        slug: "default".into(),
    });
    tables.put_person(PersonEntry {
        id: uuid::Uuid::from_u128(1),
        email: "alice@acme.example".into(),
        disabled: false,
    });
    tables.put_credential(CredentialEntry {
        id: service.id(),
        name: "bench".into(),
        digest: pepper.digest(service.expose()),
        revoked: false,
    });
}

fn put_key(mirror: &Mirror, pepper: &Pepper) -> std::io::Result<PlainKey> {
    let id = ApiKeyId::generate(&OsRandom).map_err(fault)?;
    let key = PlainKey::generate(&KeyPrefix::default(), id, &OsRandom).map_err(fault)?;
    mirror.tables().put_key(KeyEntry {
        id,
        account: AccountId(1),
        workspace: WorkspaceId(1),
        created_by: uuid::Uuid::from_u128(1),
        name: "blog ingest".into(),
        category: "production".into(),
        preset: Arc::new(PresetEntry {
            slug: "full".into(),
            permissions: Permissions::new(["*"]),
        }),
        custom: None,
        resources: Resources::ALL,
        limits: None,
        network: None,
        times: KeyTimes::default(),
        current: SecretEntry {
            generation: 1,
            digest: pepper.digest(key.expose()),
            retires_at: None,
        },
        retiring: None,
    });
    Ok(key)
}
