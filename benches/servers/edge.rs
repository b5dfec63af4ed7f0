//! The edge as `app` serves it.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::App;
use actix_web::HttpServer;
use latchkey::domain::clock::SharedClock;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::key_prefix::KeyPrefix;
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
use latchkey::verify::failed_attempts::FailedAttempts;
use latchkey::verify::own_key::OwnRevocations;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::fault;
use super::node::Node;

pub struct Bench {
    pub clock: SharedClock,
    decisions: Decisions,
    pub node: Node,
    pub spool: Spool,
    recorder: metrics_exporter_prometheus::PrometheusHandle,
    _directory: tempfile::TempDir,
}

/// One line, at once: a script waits for it.
#[expect(clippy::print_stdout, reason = "what the script reads")]
pub fn say(line: &str) {
    println!("{line}");
}

impl Bench {
    pub async fn new(keys: usize, file: Option<&str>) -> std::io::Result<Self> {
        let recorder = PrometheusBuilder::new().install_recorder().map_err(fault)?;
        let directory = tempfile::tempdir()?;
        let clock = SystemClock::shared();
        let node = Node::start(keys, file, &clock).await?;
        let config = SpoolConfig::new(directory.path().join("spool"));
        let spool = Spool::open(&config, Arc::clone(&clock), &OsRandom).map_err(fault)?;
        let verifier = Verifier::new(
            node.mirror.clone(),
            KeyPrefix::default(),
            node.pepper.clone(),
            Arc::clone(&clock),
        );
        let attempts = FailedAttempts::default();
        let decisions = Decisions::new(verifier, spool.clone(), attempts, Arc::clone(&clock));
        Ok(Self {
            clock,
            decisions,
            node,
            spool,
            recorder,
            _directory: directory,
        })
    }

    fn ids(&self) -> RequestIds {
        RequestIds::new(Arc::clone(&self.clock), OsRandom::shared())
    }

    fn introduce(&self, listener: &TcpListener) -> std::io::Result<()> {
        let (address, key, service) = (listener.local_addr()?, &self.node.key, &self.node.service);
        say(&format!(
            "http://{address} {} {}",
            key.expose(),
            service.expose()
        ));
        Ok(())
    }
}

pub async fn verify(keys: usize, file: Option<&str>) -> std::io::Result<()> {
    serve_verify(Bench::new(keys, file).await?).await
}

pub async fn serve_verify(bench: Bench) -> std::io::Result<()> {
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
    let bench = Bench::new(1, None).await?;
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
