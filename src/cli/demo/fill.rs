//! The first start fills the database; every later one leaves it as it is.

use std::path::Path;

use anyhow::bail;
use diesel::Connection;
use diesel::PgConnection;

use crate::cli::demo::account;
use crate::cli::demo::account::Making;
use crate::cli::demo::cast::DOMAIN;
use crate::cli::demo::history;
use crate::cli::demo::kept::Kept;
use crate::crypto::digest::Pepper;
use crate::crypto::password::PasswordHasher;
use crate::db::Db;
use crate::db::accounts;
use crate::domain::clock::SharedClock;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::random::SharedRandom;

/// Where the demo is filled in.
pub struct Site<'a> {
    pub db: &'a Db,
    pub data_dir: &'a Path,
    pub prefix: &'a KeyPrefix,
    pub pepper: &'a Pepper,
}

pub struct Filled {
    pub kept: Kept,
    /// How many calls were written now; `None` if the demo was filled before.
    pub calls: Option<usize>,
}

/// Blocks for some seconds at the first start.
pub fn fill(
    site: &Site<'_>,
    clock: &SharedClock,
    random: &SharedRandom,
    calls: u64,
) -> anyhow::Result<Filled> {
    let earlier = Kept::find(site.data_dir)?;
    let is_filled = is_filled(site, earlier.is_some())?;
    // Written before the account is made: a crash between the two leaves passwords of nobody,
    // which the next start gives to the account that it makes.
    let kept = if let Some(kept) = earlier {
        kept
    } else {
        let kept = Kept::make(site.prefix, random.as_ref())?;
        kept.write(site.data_dir)?;
        kept
    };
    if is_filled {
        return Ok(Filled { kept, calls: None });
    }
    let making = Making {
        kept: &kept,
        prefix: site.prefix,
        pepper: site.pepper,
        passwords: &PasswordHasher::new(random.clone())?,
        random: random.as_ref(),
        now: clock.now(),
    };
    let written = site
        .db
        .run_blocking(|conn| Ok(create(conn, &making, calls)))??;
    Ok(Filled {
        kept,
        calls: Some(written),
    })
}

/// Whether an earlier start has filled the database. Anybody else's is not touched.
fn is_filled(site: &Site<'_>, has_kept: bool) -> anyhow::Result<bool> {
    let (exist, ours) = site.db.run_blocking(|conn| {
        let ours = accounts::find_by_domain(conn, DOMAIN)?.is_some();
        Ok((accounts::exist(conn)?, ours))
    })?;
    match (exist, ours && has_kept) {
        (false, _) => Ok(false),
        (true, true) => Ok(true),
        (true, false) => bail!(
            "the database of {} holds accounts that no demo made; \
             start the demo with an empty LATCHKEY_DATA_DIR",
            site.data_dir.display()
        ),
    }
}

/// All or nothing.
fn create(conn: &mut PgConnection, making: &Making<'_>, calls: u64) -> anyhow::Result<usize> {
    conn.transaction(|conn| {
        let subjects = account::create(conn, making)?;
        history::app_usage::write(conn, making.now)?;
        let written = history::write(conn, &subjects, making.now, calls)?;
        account::settle_rotations(conn)?;
        Ok(written)
    })
}
