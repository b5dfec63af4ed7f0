//! How long a mirror takes to load, against a binary COPY of the same rows, and how much memory a key
//! takes: in all, and what finding and judging it takes of that.

use std::io::Read;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use diesel::pg::CopyFormat;
use diesel::prelude::*;
use latchkey::crypto::digest::Pepper;
use latchkey::db::migrations;
use latchkey::db::schema::api_keys;
use latchkey::db::schema::key_secrets;
use latchkey::domain::clock::SystemClock;
use latchkey::postgres::DATABASE;
use latchkey::verify::entry::KeyEntry;
use latchkey::verify::mirror::Mirror;

use super::edge::say;
use super::fault;
use super::fill;
use super::node;

const LEASE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(1);

/// Fills tables, and has a process of its own load them: what filling left in memory is not counted.
pub fn fill_and_load(keys: usize, rounds: usize) -> std::io::Result<()> {
    let (_directory, cluster) = node::cluster()?;
    let url = cluster.url(DATABASE);
    migrations::apply(&url).map_err(fault)?;
    let pepper = Pepper::new(&[7; 32]).map_err(fault)?;
    fill::fill(&mut node::connect(&url)?, &pepper, keys)?;
    for _ in 0..rounds {
        let loaded = Command::new(std::env::current_exe()?)
            .args(["load-from", &url])
            .status()?;
        if !loaded.success() {
            return Err(fault("the load failed"));
        }
    }
    Ok(())
}

/// Prints the seconds of the COPY, the seconds of the load, the bytes that each key took of this
/// process, and those of its core entry.
pub async fn load_from(url: &str) -> std::io::Result<()> {
    let clock = SystemClock::shared();
    let keys: i64 = api_keys::table
        .count()
        .get_result(&mut node::connect(url)?)
        .map_err(fault)?;
    let keys = u64::try_from(keys).map_err(fault)?;
    // Once for nothing, so that both find the rows in memory.
    copy(url)?;
    let begun = Instant::now();
    copy(url)?;
    let copied = begun.elapsed();

    let mirror = Mirror::new(LEASE);
    let before = resident()?;
    let begun = Instant::now();
    node::run(url, &mirror, &clock);
    while mirror.lease().now(clock.monotonic()).is_none() {
        tokio::time::sleep(POLL).await;
    }
    let loaded = begun.elapsed();
    let bytes = resident()?.saturating_sub(before) / keys;
    let core = core(&mirror, keys)?;
    say(&format!(
        "{:.3} {:.3} {bytes} {core}",
        copied.as_secs_f64(),
        loaded.as_secs_f64()
    ));
    Ok(())
}

/// Counted, not measured: the entry with the two counts of its `Arc`, as glibc's malloc rounds
/// that up, and its share of the table. What it points to comes on top: its name, a cell where it
/// has limits, what few keys have, and what it shares with others.
fn core(mirror: &Mirror, keys: u64) -> std::io::Result<u64> {
    let entry = size_of::<KeyEntry>() + 2 * size_of::<usize>();
    let allocated = (entry + size_of::<usize>()).next_multiple_of(16);
    let table = u64::try_from(mirror.tables().keys().bytes()).map_err(fault)?;
    Ok(u64::try_from(allocated).map_err(fault)? + table.div_ceil(keys))
}

/// Reads the rows of keys and secrets to their end, each by a connection of its own: diesel leaves
/// one on which it has copied in the middle of its answer.
fn copy(url: &str) -> std::io::Result<()> {
    let binary = CopyFormat::Binary;
    let mut conn = node::connect(url)?;
    // What a mirror reads of a row. A column that is generated can be no column of a COPY.
    let keys = diesel::copy_to((
        api_keys::account_id,
        api_keys::id,
        api_keys::workspace_id,
        api_keys::name,
        api_keys::category,
        api_keys::preset,
        api_keys::preset_version,
        api_keys::created_by,
        api_keys::created_at,
        api_keys::expires_at,
        api_keys::disabled_at,
        api_keys::revoked_at,
        api_keys::permissions,
        api_keys::resources,
        api_keys::allowed_ips,
        api_keys::allowed_origins,
    ))
    .with_format(binary)
    .load_raw(&mut conn);
    drain(keys.map_err(fault)?)?;
    let mut conn = node::connect(url)?;
    let secrets = diesel::copy_to(key_secrets::table)
        .with_format(binary)
        .load_raw(&mut conn);
    drain(secrets.map_err(fault)?)
}

fn drain(mut rows: impl Read) -> std::io::Result<()> {
    std::io::copy(&mut rows, &mut std::io::sink())?;
    Ok(())
}

/// Bytes of this process that are in memory.
fn resident() -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    let kib: u64 = kib.unwrap_or_default().parse().map_err(fault)?;
    Ok(kib * 1024)
}
