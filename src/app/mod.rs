//! Puts the rooms together: start, run, stop. The only room that knows all the others.

pub mod data_dir;
pub mod database;
mod engine;
mod faces;
pub mod secrets;
mod servers;
mod setup_link;
mod workers;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use secrecy::ExposeSecret;
use tokio::task::spawn_blocking;

use crate::app::database::Database;
use crate::app::engine::Engine;
pub use crate::app::servers::Addresses;
use crate::app::servers::Listeners;
use crate::app::servers::Servers;
use crate::app::workers::Databases;
use crate::app::workers::Workers;
use crate::config::Config;
use crate::dashboard::site::Site;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::migrations;
use crate::domain::clock::SharedClock;
use crate::domain::random::SharedRandom;
use crate::mail::Mailer;
use crate::workers::audit_heads::HeadsFile;
use crate::workers::overlap_letters::OverlapLetters;

/// Connections for pages. A slow report cannot take those of the workers.
const CONSOLE_CONNECTIONS: u32 = 10;
/// Connections to the replica, where there is one.
const REPLICA_CONNECTIONS: u32 = 10;
/// Connections for workers: shipper, retention, own-key revocations, app usage, and some to spare.
const WORKER_CONNECTIONS: u32 = 7;
/// Connections that a node's right to decide hangs on. Nobody else takes or holds them up.
const LEASE_CONNECTIONS: u32 = 3;

/// Connections by which limits are counted: one asks, one gives back.
const LIMIT_CONNECTIONS: u32 = 2;

/// A Latchkey that serves. Stop it, or the private cluster stops under its feet.
pub struct Running {
    addresses: Addresses,
    /// One-time link of an installation that has no account yet.
    setup_link: Option<String>,
    servers: Servers,
    workers: Workers,
    pools: [Db; 4],
    database: Database,
}

/// Starts everything. Returns when every listener takes requests and the mirror is loaded.
pub async fn start(
    config: Config,
    clock: SharedClock,
    random: SharedRandom,
) -> anyhow::Result<Running> {
    let data_dir = data_dir::resolve(&config.database)?;
    secrets::check(&config.secrets, &data_dir)?;
    let database = open_database(&config, &data_dir).await?;
    let secrets = secrets::open(&config.secrets, &data_dir, random.as_ref())?;
    let url = database.url();
    let console_db = console_db(&config, &url, &clock);
    let worker_db = Db::new(&url, WORKER_CONNECTIONS);
    let lease_db = Db::impatient(&url, LEASE_CONNECTIONS);
    let limit_db = Db::impatient(&url, LIMIT_CONNECTIONS);

    let listeners = Listeners::bind(&config.listen)?;
    let engine = Engine::open(&config, &secrets, &data_dir, (&clock, &random))?;
    let databases = Databases {
        workers: worker_db.clone(),
        leases: lease_db.clone(),
        limits: limit_db.clone(),
        url,
    };
    let (mailer, mail_worker) = Mailer::new(&config.mail)?;
    let mut workers = Workers::start(&config, &engine, &databases, &clock, &data_dir);
    workers.run_mail(mail_worker);
    workers.keep_audit_heads(worker_db.clone(), HeadsFile::in_dir(&data_dir));
    workers.wait_until_loaded(&engine).await?;
    let public_url = listeners.public_url(&config.listen)?;
    if mailer.sends() {
        let site = Site::new(&public_url)?;
        workers.warn_of_overlaps(OverlapLetters {
            db: worker_db.clone(),
            clock: clock.clone(),
            mailer: mailer.clone(),
            prefix: config.keys.prefix.clone(),
            link: Box::new(move |workspace, key| {
                site.link(&format!("{}/{key}", urls::keys(workspace)))
            }),
        });
    }
    let setup_link = setup_link::for_empty(&console_db, &public_url, (&clock, &random)).await?;
    let addresses = listeners.addresses().clone();
    let outward = (&listeners, mailer);
    let faces = faces::make(&config, secrets, &engine, console_db.clone(), outward)?;
    let servers = listeners.serve(&engine, faces)?;
    Ok(Running {
        addresses,
        setup_link,
        servers,
        workers,
        pools: [console_db, worker_db, lease_db, limit_db],
        database,
    })
}

impl Running {
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    pub fn setup_link(&self) -> Option<&str> {
        self.setup_link.as_deref()
    }

    /// Serves until `stop` ends, or until a part of Latchkey ends by itself: that is an error,
    /// and names the part.
    pub async fn run_until(mut self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let ended = tokio::select! {
            () = stop => None,
            part = self.workers.first_to_end() => Some(part),
            part = self.servers.first_to_end() => Some(part),
        };
        self.stop().await;
        match ended {
            None => Ok(()),
            Some(part) => Err(anyhow::anyhow!(
                "{part} ended by itself, so everything stops"
            )),
        }
    }

    /// No new requests, the running ones to their end, their records to the database, then the
    /// database itself.
    pub async fn stop(self) {
        let Self {
            servers,
            workers,
            pools,
            database,
            ..
        } = self;
        servers.stop().await;
        workers.stop().await;
        let stopped = spawn_blocking(move || {
            drop(pools);
            drop(database);
        });
        if let Err(error) = stopped.await {
            tracing::error!(%error, "the database did not stop in order");
        }
    }
}

fn console_db(config: &Config, url: &str, clock: &SharedClock) -> Db {
    let db = Db::new(url, CONSOLE_CONNECTIONS);
    match &config.database.read_url {
        Some(replica) => db.with_replica(
            replica.expose_secret(),
            REPLICA_CONNECTIONS,
            Arc::clone(clock),
        ),
        None => db,
    }
}

async fn open_database(config: &Config, data_dir: &Path) -> anyhow::Result<Database> {
    let (settings, data_dir) = (config.database.clone(), data_dir.to_owned());
    spawn_blocking(move || {
        let database = Database::open(&settings, &data_dir)?;
        if settings.migrate {
            migrations::apply(&database.url()).context("cannot bring the schema up to date")?;
        }
        anyhow::Ok(database)
    })
    .await?
}
