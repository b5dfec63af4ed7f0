//! A node as `app` runs it: a private PostgreSQL, a mirror loaded from its tables, leases taken from
//! it. Only the shipper and the pages are not there, so that what is measured is what requests cost.

use std::sync::Arc;
use std::time::Duration;

use diesel::Connection;
use diesel::PgConnection;
use latchkey::crypto::digest::Pepper;
use latchkey::crypto::key_secret::PlainKey;
use latchkey::crypto::service_credential;
use latchkey::crypto::service_credential::ServicePrefix;
use latchkey::db::Db;
use latchkey::db::migrations;
use latchkey::db::service_credentials;
use latchkey::db::service_credentials::NewCredential;
use latchkey::domain::actor::Actor;
use latchkey::domain::clock::SharedClock;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::random::OsRandom;
use latchkey::postgres::Cluster;
use latchkey::postgres::ClusterConfig;
use latchkey::postgres::DATABASE;
use latchkey::verify::mirror::Mirror;
use latchkey::workers::lease_broker::LeaseBroker;
use latchkey::workers::mirror_sync::MirrorSync;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::fault;
use super::fill;

const LEASE: Duration = Duration::from_secs(2);
const LOAD_POLL: Duration = Duration::from_millis(5);

pub struct Node {
    pub mirror: Mirror,
    pub pepper: Pepper,
    /// A key with limits.
    pub key: PlainKey,
    pub service: PlainKey,
    /// Of its database.
    pub url: String,
    // Before the cluster's directory.
    _cluster: Cluster,
    _directory: tempfile::TempDir,
}

impl Node {
    /// With `keys` keys; all but the limited one are written to `file`, one a line, if there is one.
    pub async fn start(
        keys: usize,
        file: Option<&str>,
        clock: &SharedClock,
    ) -> std::io::Result<Self> {
        let (directory, cluster) = cluster()?;
        let url = cluster.url(DATABASE);
        migrations::apply(&url).map_err(fault)?;
        let pepper = Pepper::new(&[7; 32]).map_err(fault)?;
        let (key, list) = fill::fill(&mut connect(&url)?, &pepper, keys)?;
        if let Some(file) = file {
            std::fs::write(file, list)?;
        }
        let service = service(&url, &pepper, clock)?;
        let mirror = Mirror::new(LEASE);
        run(&url, &mirror, clock);
        while mirror.lease().now(clock.monotonic()).is_none() {
            tokio::time::sleep(LOAD_POLL).await;
        }
        Ok(Self {
            mirror,
            pepper,
            key,
            service,
            url,
            _cluster: cluster,
            _directory: directory,
        })
    }
}

/// The workers that decisions hang on, until the process ends.
pub fn run(url: &str, mirror: &Mirror, clock: &SharedClock) {
    let stop = CancellationToken::new();
    let broker = LeaseBroker::new(Db::new(url, 2), mirror.ledger().clone(), Arc::clone(clock));
    tokio::spawn(broker.run(stop.clone()));
    let node = (Uuid::new_v4(), "bench".to_owned());
    let sync = MirrorSync::new(Db::new(url, 3), mirror.clone(), Arc::clone(clock), node);
    tokio::spawn(sync.run(url.to_owned(), stop));
}

pub fn cluster() -> std::io::Result<(tempfile::TempDir, Cluster)> {
    let directory = tempfile::Builder::new().prefix("lk").tempdir()?;
    // Under root the server runs as another user, who must get through here.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(directory.path(), open)?;
    let cluster = Cluster::start(&ClusterConfig {
        data_dir: directory.path().join("data"),
        bin_dir: None,
        os_user: None,
        durable: true,
    });
    Ok((directory, cluster.map_err(fault)?))
}

pub fn connect(url: &str) -> std::io::Result<PgConnection> {
    PgConnection::establish(url).map_err(fault)
}

fn service(url: &str, pepper: &Pepper, clock: &SharedClock) -> std::io::Result<PlainKey> {
    let prefix = ServicePrefix::of(&KeyPrefix::default());
    let service = service_credential::generate(&prefix, &OsRandom).map_err(fault)?;
    let new = NewCredential {
        id: service.id(),
        name: "bench".to_owned(),
        digest: pepper.digest(service.expose()),
        operation: None,
    };
    let made = service_credentials::create(
        &mut connect(url)?,
        &Actor::system("bench"),
        clock.now(),
        &new,
    );
    made.map_err(fault)?;
    Ok(service)
}
