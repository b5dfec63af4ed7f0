//! The parts of the check: mirror, verifier, spool.

use std::path::Path;

use tokio::sync::mpsc;

use crate::app::secrets::Secrets;
use crate::config::Config;
use crate::domain::clock::SharedClock;
use crate::domain::random::SharedRandom;
use crate::spool::Spool;
use crate::spool::SpoolConfig;
use crate::verify::Verifier;
use crate::verify::app_usage::AppUsageBatch;
use crate::verify::app_usage::AppUsageDesk;
use crate::verify::failed_attempts::FailedAttempts;
use crate::verify::mirror::Mirror;
use crate::verify::own_key::OwnRevocation;
use crate::verify::own_key::OwnRevocations;

pub struct Engine {
    pub mirror: Mirror,
    pub verifier: Verifier,
    pub spool: Spool,
    pub failed_attempts: FailedAttempts,
    pub own_revocations: OwnRevocations,
    pub app_usage: AppUsageDesk,
    pub clock: SharedClock,
    pub random: SharedRandom,
    /// The other end of `own_revocations`, until a worker takes it.
    pub(super) revocation_requests: parking_lot::Mutex<Option<mpsc::Receiver<OwnRevocation>>>,
    /// The other end of `app_usage`, until a worker takes it.
    pub(super) app_usage_batches: parking_lot::Mutex<Option<mpsc::Receiver<AppUsageBatch>>>,
}

impl Engine {
    pub fn open(
        config: &Config,
        secrets: &Secrets,
        data_dir: &Path,
        (clock, random): (&SharedClock, &SharedRandom),
    ) -> anyhow::Result<Self> {
        let mirror = Mirror::new(config.mirror.lease);
        let (own_revocations, requests) = OwnRevocations::channel();
        let (app_usage, batches) = AppUsageDesk::channel();
        let mut spool = SpoolConfig::new(data_dir.join("spool"));
        spool.durability = config.log.durability;
        spool.on_failure = config.log.failure;
        Ok(Self {
            verifier: Verifier::new(
                mirror.clone(),
                config.keys.prefix.clone(),
                secrets.pepper.clone(),
                clock.clone(),
            ),
            mirror,
            spool: Spool::open(&spool, clock.clone(), random.as_ref())?,
            failed_attempts: FailedAttempts::default(),
            own_revocations,
            app_usage,
            clock: clock.clone(),
            random: random.clone(),
            revocation_requests: parking_lot::Mutex::new(Some(requests)),
            app_usage_batches: parking_lot::Mutex::new(Some(batches)),
        })
    }
}
