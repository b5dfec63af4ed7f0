//! SIGTERM under load.

use std::time::Duration;
use std::time::Instant;

use crate::process::Filled;
use crate::process::faults::Call;
use crate::process::faults::Load;
use crate::process::faults::PATIENT;
use crate::process::faults::Said;
use crate::process::faults::assert_logged;
use crate::process::number;
use crate::process::wait_until;
use crate::support::process::Installation;

/// What is on its way ends within this.
const STOPPED_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_drops_no_request_and_ships_every_record() {
    let mut installation = Installation::new();
    installation.set(PATIENT.0, PATIENT.1);
    let (filled, process) = Filled::serve_on(installation).await;
    let load = Load::begin(&filled, process.api());
    load.wait_for(&Said::Valid, 500).await;
    let told = Instant::now();
    let stopping = tokio::task::spawn_blocking(move || process.stop());
    let status = stopping.await.unwrap();
    let took = told.elapsed();
    assert_eq!(status.code(), Some(0));
    eprintln!("stopped after {took:?}");
    assert!(took <= STOPPED_WITHIN, "{took:?}");
    wait_until("callers find nobody", || load.count(&Said::Lost) > 0).await;
    let calls = load.end().await;
    let other = |call: &&Call| !matches!(call.said, Said::Valid | Said::Lost);
    assert_eq!(calls.iter().find(other).map(|call| &call.said), None);
    // Nobody serves: what is in the log was shipped before the end.
    let process = filled.installation.serve();
    let mut database = filled.database();
    assert_logged(&mut database, &calls).await;
    // What never reached the node is the caller's to repeat; what did was answered.
    let answered = calls.iter().filter(|call| call.said == Said::Valid).count();
    let decided = number(&mut database, "select count(*) from request_log");
    assert_eq!(decided, i64::try_from(answered).unwrap());
    drop(process);
}
