//! Shipping a backlog of the spool, against a COPY of the same rows into the same table.

use std::borrow::Cow;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use chrono::TimeDelta;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use latchkey::crypto::digest::Pepper;
use latchkey::db::Db;
use latchkey::db::migrations;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::clock::SharedClock;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::endpoint::Method;
use latchkey::domain::endpoint::Surface;
use latchkey::domain::log_retention::KeptDays;
use latchkey::domain::random::OsRandom;
use latchkey::domain::request_id::RequestId;
use latchkey::postgres::DATABASE;
use latchkey::spool::Spool;
use latchkey::spool::SpoolConfig;
use latchkey::spool::record::DecisionRecord;
use latchkey::spool::record::Record;
use latchkey::workers::log_shipper::LogShipper;

use super::edge::say;
use super::fault;
use super::fill;
use super::node;

const KEYS: usize = 1_000;
const PATHS: usize = 400;
const AGENTS: usize = 40;
/// Records a second, as their times tell it.
const RATE: i64 = 10_000;
/// 203.0.113.0
const FIRST_ADDRESS: u32 = 0xcb00_7100;
const KEPT: KeptDays = KeptDays::of_installation(90);

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = diesel::sql_types::Text)]
    id: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Prints, for each round, the seconds of the COPY, the seconds of shipping, and the bytes that a
/// row takes with its indexes.
pub async fn ship(records: usize, rounds: usize) -> std::io::Result<()> {
    let (directory, cluster) = node::cluster()?;
    let url = cluster.url(DATABASE);
    migrations::apply(&url).map_err(fault)?;
    let mut conn = node::connect(&url)?;
    fill::fill(&mut conn, &Pepper::new(&[7; 32]).map_err(fault)?, KEYS)?;
    let keys: Vec<Id> = diesel::sql_query("select id from api_keys")
        .load(&mut conn)
        .map_err(fault)?;
    let keys: Vec<ApiKeyId> = keys
        .iter()
        .map(|key| key.id.parse().map_err(fault))
        .collect::<std::io::Result<_>>()?;
    let clock = SystemClock::shared();
    let config = SpoolConfig::new(directory.path().join("spool"));
    let spool = Spool::open(&config, Arc::clone(&clock), &OsRandom).map_err(fault)?;
    let worker = LogShipper::new(Db::new(&url, 3), spool.clone(), Arc::clone(&clock), KEPT);
    // Once for nothing: partitions, texts, plans, and as many files of WAL as a round fills, which the
    // server makes only once and uses again from then on.
    append(&spool, &keys, records, &clock)?;
    worker.drain().await.map_err(fault)?;
    for _ in 0..rounds {
        empty(&mut conn)?;
        append(&spool, &keys, records, &clock)?;
        let begun = Instant::now();
        let shipped = worker.drain().await.map_err(fault)?;
        let took = begun.elapsed();
        if shipped != records {
            return Err(fault(format!("{shipped} of {records} were shipped")));
        }
        let bytes = bytes(&mut conn)? / i64::try_from(records).map_err(fault)?;
        let copy = copy(&mut conn, cluster.data_dir())?;
        say(&format!(
            "{:.3} {:.3} {bytes}",
            copy.as_secs_f64(),
            took.as_secs_f64()
        ));
    }
    Ok(())
}

fn empty(conn: &mut PgConnection) -> std::io::Result<()> {
    conn.batch_execute("truncate request_log; checkpoint")
        .map_err(fault)
}

pub fn append(
    spool: &Spool,
    keys: &[ApiKeyId],
    records: usize,
    clock: &SharedClock,
) -> std::io::Result<()> {
    let count = u32::try_from(records).map_err(fault)?;
    let first = clock.now() - TimeDelta::milliseconds(i64::from(count) * 1_000 / RATE);
    for (number, n) in (0..count).zip(0..) {
        let at = first + TimeDelta::milliseconds(i64::from(number) * 1_000 / RATE);
        let request_id = RequestId::generate(at, &OsRandom).map_err(fault)?;
        let record = DecisionRecord {
            at: request_id.at().unwrap_or(at),
            request_id,
            account: AccountId(1),
            workspace: WorkspaceId(1),
            key: keys[n % keys.len()],
            generation: 1,
            surface: Surface::Verify,
            method: Some(Method::Get),
            path: Cow::Owned(format!("/v1/documents/{}", n % PATHS)),
            agent: Cow::Owned(format!("acme-client/1.{}", n % AGENTS)),
            ip: Some(IpAddr::V4(Ipv4Addr::from(FIRST_ADDRESS + number % 250))),
            denied: None,
            detail: Cow::Borrowed(""),
            status: Some(200),
            duration_us: Some(900 + number % 5_000),
            credits: 1,
            meters: Vec::new(),
        };
        spool
            .append_blocking(&Record::Decision(record))
            .map_err(fault)?;
    }
    spool.sync();
    Ok(())
}

fn bytes(conn: &mut PgConnection) -> std::io::Result<i64> {
    let sql = "select sum(pg_total_relation_size(relid))::bigint as number
                 from pg_partition_tree('request_log')";
    let size: Number = diesel::sql_query(sql).get_result(conn).map_err(fault)?;
    Ok(size.number)
}

/// The same rows once more, from a file of the server's.
fn copy(conn: &mut PgConnection, data_dir: &std::path::Path) -> std::io::Result<Duration> {
    let file = data_dir.join("pg/rows.copy");
    let file = file.display();
    conn.batch_execute(&format!(
        "copy (select * from request_log) to '{file}' (format binary)"
    ))
    .map_err(fault)?;
    empty(conn)?;
    let begun = Instant::now();
    conn.batch_execute(&format!("copy request_log from '{file}' (format binary)"))
        .map_err(fault)?;
    Ok(begun.elapsed())
}
