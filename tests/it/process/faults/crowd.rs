//! Ten thousand connections that say nothing, and five hundred that ask.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use tokio::net::TcpStream;
use tokio::sync::Barrier;

use crate::process::Filled;
use crate::process::faults::PATIENT;
use crate::support::process::Installation;
use crate::support::process::Process;

const IDLE: usize = 10_000;
const ACTIVE: usize = 500;
/// Of each caller.
const CALLS: usize = 10;
const GROWTH_MAX_KIB: u64 = 300 * 1024;

/// What the process has in memory.
fn resident_kib(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "both sides take 10,600 file descriptors: run it by hand, with --ignored"]
async fn ten_thousand_idle_connections_cost_those_that_ask_nothing() {
    let mut installation = Installation::new();
    installation.set(PATIENT.0, PATIENT.1);
    let (filled, process) = Filled::serve_on(installation).await;
    let client = Client::builder()
        .pool_max_idle_per_host(ACTIVE)
        .timeout(Duration::from_mins(1))
        .build()
        .unwrap();
    assert_eq!(
        filled.verify(&client, &process).await.unwrap()["valid"],
        true
    );
    let before = resident_kib(&process);
    let api = process.api().trim_start_matches("http://").to_owned();
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        idle.push(TcpStream::connect(&api).await.unwrap());
    }
    let together = Arc::new(Barrier::new(ACTIVE));
    let shared = Arc::new((filled, process, client));
    let callers: Vec<_> = (0..ACTIVE)
        .map(|_| {
            let (shared, together) = (Arc::clone(&shared), Arc::clone(&together));
            tokio::spawn(async move {
                let (filled, process, client) = &*shared;
                together.wait().await;
                for _ in 0..CALLS {
                    let answer = filled.verify(client, process).await;
                    assert_eq!(answer.expect("an answer")["valid"], true);
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let growth = resident_kib(&shared.1).saturating_sub(before);
    eprintln!("{} MiB more", growth / 1024);
    assert!(growth <= GROWTH_MAX_KIB, "{growth} KiB");
    drop(idle);
}
