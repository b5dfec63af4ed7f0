//! The loops that run beside the listeners. If one dies, the process stops and says which.

use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::engine::Engine;
use crate::config::Config;
use crate::db::Db;
use crate::domain::clock::SharedClock;
use crate::mail::MailWorker;
use crate::workers::app_usage::AppUsageCounter;
use crate::workers::audit_heads::AuditHeads;
use crate::workers::audit_heads::HeadsFile;
use crate::workers::credential_use::CredentialUseFlush;
use crate::workers::failed_attempts::FailedAttemptsFlush;
use crate::workers::ip_blocks::IpBlockTeller;
use crate::workers::lease_broker::LeaseBroker;
use crate::workers::log_shipper::LogShipper;
use crate::workers::mirror_sync::MirrorSync;
use crate::workers::overlap_letters::OverlapLetters;
use crate::workers::own_key_revoker::OwnKeyRevoker;
use crate::workers::retention::Retention;

/// The first load of a large installation takes some seconds; a database that is away longer.
const LOAD_PATIENCE: Duration = Duration::from_secs(130);
const LOAD_POLL: Duration = Duration::from_millis(5);
/// The spool's rest is shipped within this, or at the next start.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// The ways to the one database.
pub struct Databases {
    pub workers: Db,
    /// For what renews leases, and nothing else.
    pub leases: Db,
    /// For the counters of limits.
    pub limits: Db,
    pub url: String,
}

pub struct Workers {
    tasks: JoinSet<&'static str>,
    stop: CancellationToken,
}

impl Workers {
    pub fn start(
        config: &Config,
        engine: &Engine,
        databases: &Databases,
        clock: &SharedClock,
        data_dir: &Path,
    ) -> Self {
        let mut workers = Self {
            tasks: JoinSet::new(),
            stop: CancellationToken::new(),
        };
        let stop = || workers.stop.clone();
        let kept = config.log.kept();
        let (db, leases) = (&databases.workers, databases.leases.clone());
        let shipper = LogShipper::new(db.clone(), engine.spool.clone(), clock.clone(), kept);
        let name = config.mirror.node_name.clone().unwrap_or_else(host_name);
        let node = (engine.spool.id(), name);
        let mirror_sync = MirrorSync::new(leases, engine.mirror.clone(), clock.clone(), node)
            .with_backlog(shipper.backlog())
            .with_endings(data_dir);
        let flush = FailedAttemptsFlush::new(db.clone(), engine.failed_attempts.clone());
        let used = engine.mirror.credential_use().clone();
        let used = CredentialUseFlush::new(db.clone(), used).run(stop());
        let (blocks, node) = (engine.mirror.ip_blocks().clone(), engine.spool.id());
        let teller = IpBlockTeller::new(db.clone(), blocks, clock.clone(), node).run(stop());
        let limits = databases.limits.clone();
        let ledger = engine.mirror.ledger().clone();
        let broker = LeaseBroker::new(limits, ledger, clock.clone()).run(stop());
        let retention = Retention::new(db.clone(), clock.clone(), kept);
        let revoker =
            engine.revocation_requests.lock().take().map(|requests| {
                OwnKeyRevoker::new(db.clone(), clock.clone(), requests).run(stop())
            });
        let counter =
            engine.app_usage_batches.lock().take().map(|batches| {
                AppUsageCounter::new(db.clone(), clock.clone(), batches).run(stop())
            });
        let (mirror_sync, shipper) = (
            mirror_sync.run(databases.url.clone(), stop()),
            shipper.run(stop()),
        );
        let (flush, retention) = (flush.run(stop()), retention.run(stop()));
        workers.spawn("mirror sync", mirror_sync);
        workers.spawn("log shipper", shipper);
        workers.spawn("failed-attempts flush", flush);
        workers.spawn("credential-use flush", used);
        workers.spawn("ip-block teller", teller);
        workers.spawn("retention", retention);
        workers.spawn("lease broker", broker);
        if let Some(revoker) = revoker {
            workers.spawn("own-key revoker", revoker);
        }
        if let Some(counter) = counter {
            workers.spawn("app-usage counter", counter);
        }
        workers
    }

    /// Letters wait in memory, so the worker stops with the others: after the console.
    pub fn run_mail(&mut self, worker: MailWorker) {
        let stop = self.stop.clone();
        self.spawn("mail", worker.run(stop));
    }

    pub fn warn_of_overlaps(&mut self, letters: OverlapLetters) {
        let stop = self.stop.clone();
        self.spawn("overlap letters", letters.run(stop));
    }

    /// Beside the database: `file` is in the data directory.
    pub fn keep_audit_heads(&mut self, db: Db, file: HeadsFile) {
        let stop = self.stop.clone();
        self.spawn("audit heads", AuditHeads::new(db, file).run(stop));
    }

    fn spawn(&mut self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(async move {
            work.await;
            name
        });
    }

    /// Until the mirror may vouch for its first answer.
    pub async fn wait_until_loaded(&self, engine: &Engine) -> anyhow::Result<()> {
        let loaded = async {
            while !engine.verifier.is_ready() {
                tokio::time::sleep(LOAD_POLL).await;
            }
        };
        if tokio::time::timeout(LOAD_PATIENCE, loaded).await.is_err() {
            bail!("the keys could not be loaded from the database; see the log above");
        }
        Ok(())
    }

    /// The name of a worker that ended although nobody stopped it.
    pub async fn first_to_end(&mut self) -> &'static str {
        match self.tasks.join_next().await {
            Some(Ok(name)) => name,
            Some(Err(error)) => {
                tracing::error!(%error, "a worker panicked");
                "a worker"
            }
            None => "every worker",
        }
    }

    pub async fn stop(mut self) {
        self.stop.cancel();
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_PATIENCE, ended).await.is_err() {
            tracing::warn!("the workers did not end in time; the spool keeps what is not shipped");
        }
    }
}

/// This machine's name.
fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}
