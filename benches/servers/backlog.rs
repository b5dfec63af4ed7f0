//! A backlog of the spool that is drained while the same node goes on answering.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use diesel::prelude::*;
use diesel::sql_types::Text;
use latchkey::db::Db;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::log_retention::KeptDays;
use latchkey::workers::log_shipper::LogShipper;

use super::edge;
use super::edge::Bench;
use super::fault;
use super::node;
use super::ship;

const KEYS: usize = 1_000;
const POLL: Duration = Duration::from_millis(50);
const KEPT: KeptDays = KeptDays::of_installation(90);

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Serves the verify API with `records` in its spool. They are shipped once the file `go` is there;
/// how many seconds that took is then in `go.done`.
pub async fn backlog(records: usize, go: &str) -> std::io::Result<()> {
    let bench = Bench::new(KEYS, None).await?;
    let url = bench.node.url.clone();
    let ids: Vec<Id> = diesel::sql_query("select id from api_keys")
        .load(&mut node::connect(&url)?)
        .map_err(fault)?;
    let keys: Vec<ApiKeyId> = ids
        .iter()
        .map(|key| key.id.parse().map_err(fault))
        .collect::<std::io::Result<_>>()?;
    ship::append(&bench.spool, &keys, records, &bench.clock)?;
    let clock = Arc::clone(&bench.clock);
    let shipper = LogShipper::new(Db::new(&url, 3), bench.spool.clone(), clock, KEPT);
    tokio::spawn(drain(shipper, records, PathBuf::from(go)));
    edge::serve_verify(bench).await
}

async fn drain(shipper: LogShipper, records: usize, go: PathBuf) -> std::io::Result<()> {
    while !go.exists() {
        tokio::time::sleep(POLL).await;
    }
    let (begun, mut done) = (Instant::now(), 0);
    while done < records {
        done += shipper.run_once().await.map_err(fault)?.records;
    }
    let took = begun.elapsed().as_secs_f64();
    std::fs::write(go.with_extension("done"), format!("{took:.1}\n"))
}
