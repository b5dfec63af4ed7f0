//! The installation that a command works on: beside a running server, or by itself.

use crate::app::data_dir;
use crate::app::database::Database;
use crate::app::secrets;
use crate::app::secrets::Secrets;
use crate::config::Config;
use crate::db::Db;
use crate::db::migrations;
use crate::domain::clock::SharedClock;
use crate::domain::clock::SystemClock;
use crate::domain::random::OsRandom;
use crate::domain::random::SharedRandom;
use crate::workers::audit_heads::HeadsFile;

/// A command asks one thing at a time.
const CONNECTIONS: u32 = 1;

pub struct Installation {
    // Before `database`, so that the pool is gone when the cluster stops.
    pub db: Db,
    pub secrets: Secrets,
    pub clock: SharedClock,
    pub random: SharedRandom,
    pub audit_heads: HeadsFile,
    _database: Database,
}

impl Installation {
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let random = OsRandom::shared();
        let data_dir = data_dir::resolve(&config.database)?;
        let database = Database::attach(&config.database, &data_dir)?;
        let secrets = secrets::open(&config.secrets, &data_dir, random.as_ref())?;
        migrations::apply(&database.url())?;
        let db = Db::new(&database.url(), CONNECTIONS);
        Ok(Self {
            db,
            secrets,
            clock: SystemClock::shared(),
            random,
            audit_heads: HeadsFile::in_dir(&data_dir),
            _database: database,
        })
    }
}
