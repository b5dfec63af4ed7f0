//! Pages that hang on the database.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;

use crate::process::Filled;
use crate::process::faults::Load;
use crate::process::faults::Said;
use crate::process::faults::p99;
use crate::process::signed_in;

/// More than the console has connections.
const PAGES: usize = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_wait_for_the_database_hold_up_no_decision() {
    let (filled, process) = Filled::serve().await;
    let ada = Arc::new(signed_in(&process).await);
    let load = Load::begin(&filled, process.api());
    load.wait_for(&Said::Valid, 100).await;
    let mut holder = filled.database();
    // Every page of keys reads this.
    holder
        .batch_execute(
            "begin; lock table workspace_usage_daily, key_limits in access exclusive mode",
        )
        .unwrap();
    let pages: Vec<_> = (0..PAGES)
        .map(|_| {
            let ada = Arc::clone(&ada);
            tokio::spawn(async move { ada.get("/w/default/developers/keys").await.status })
        })
        .collect();
    load.wait_for(&Said::Valid, 500).await;
    assert!(
        pages.iter().filter(|page| !page.is_finished()).count() > PAGES / 3,
        "they do wait"
    );
    holder.batch_execute("rollback").unwrap();
    for page in pages {
        // Those that found no connection in time say so.
        assert!(matches!(page.await.unwrap(), 200 | 503));
    }
    assert_eq!(ada.get("/w/default/developers/keys").await.status, 200);
    let calls = load.end().await;
    for call in &calls {
        assert_eq!(call.said, Said::Valid);
    }
    let p99 = p99(&calls);
    eprintln!("p99 {p99:?}");
    assert!(p99 <= Duration::from_secs(1), "{p99:?}");
}
