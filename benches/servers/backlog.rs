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
use super::pages::Pages;
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
/// how many seconds that took is then in `go.done`, and how many milliseconds the list of keys and a
/// key's page asked the database, each before and meanwhile.
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
    let clock = Arc::clone(&bench.clock);
    let shipper = LogShipper::new(Db::new(&url, 3), bench.spool.clone(), clock, KEPT);
    // So that pages find something before, too.
    ship::append(&bench.spool, &keys, records / 10, &bench.clock)?;
    shipper.drain().await.map_err(fault)?;
    diesel::sql_query("analyze")
        .execute(&mut node::connect(&url)?)
        .map_err(fault)?;
    ship::append(&bench.spool, &keys, records, &bench.clock)?;
    let key = *keys.first().ok_or_else(|| fault("at least one key"))?;
    let pages = Pages::ask_of(&url, key, Arc::clone(&bench.clock))?;
    tokio::spawn(drain(shipper, pages, records, PathBuf::from(go)));
    edge::serve_verify(bench).await
}

async fn drain(
    shipper: LogShipper,
    pages: Pages,
    records: usize,
    go: PathBuf,
) -> std::io::Result<()> {
    while !go.exists() {
        tokio::time::sleep(POLL).await;
    }
    let (begun, mut done) = (Instant::now(), 0);
    while done < records {
        done += shipper.run_once().await.map_err(fault)?.records;
    }
    let took = begun.elapsed().as_secs_f64();
    let [list, list_then, key, key_then] = pages.around(begun);
    let told = format!("{took:.1} {list:.1} {list_then:.1} {key:.1} {key_then:.1}\n");
    // By one name at once: a script reads it as soon as it is there.
    std::fs::write(go.with_extension("told"), told)?;
    std::fs::rename(go.with_extension("told"), go.with_extension("done"))
}
