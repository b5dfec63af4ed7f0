//! `kill -9` under load: what was answered is logged, once.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use reqwest::Client;

use crate::process::Filled;
use crate::process::number;
use crate::process::wait_until;

const ROUNDS: usize = 20;
const CALLERS: usize = 16;
/// The process is killed once this many more requests are answered.
const ANSWERS_PER_ROUND: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_under_load_loses_and_doubles_no_answered_request() {
    let (filled, mut process) = Filled::serve().await;
    let filled = Arc::new(filled);
    let answered = Arc::new(Mutex::new(Vec::<String>::new()));
    for round in 1..=ROUNDS {
        let begun = Instant::now();
        let serving = Arc::new(process);
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let (filled, serving) = (Arc::clone(&filled), Arc::clone(&serving));
                let answered = Arc::clone(&answered);
                tokio::spawn(async move {
                    let client = Client::new();
                    while let Some(answer) = filled.verify(&client, &serving).await {
                        if answer["valid"].is_null() {
                            // A machine so busy that the node did not hear from the database.
                            assert_eq!(answer["code"], "UNAVAILABLE", "{answer}");
                            continue;
                        }
                        assert_eq!(answer["valid"], true, "{answer}");
                        let id = answer["request_id"].as_str().unwrap().to_owned();
                        answered.lock().unwrap().push(id);
                    }
                })
            })
            .collect();
        let goal = round * ANSWERS_PER_ROUND;
        wait_until("enough answers", || answered.lock().unwrap().len() >= goal).await;
        let rate = f64::from(u32::try_from(ANSWERS_PER_ROUND).unwrap());
        let rate = rate / begun.elapsed().as_secs_f64();
        rustix::process::kill_process(
            rustix::process::Pid::from_raw(i32::try_from(serving.pid()).unwrap()).unwrap(),
            rustix::process::Signal::KILL,
        )
        .unwrap();
        for caller in callers {
            caller.await.unwrap();
        }
        drop(serving);
        let restarted = Instant::now();
        process = filled.installation.serve();
        let back = restarted.elapsed();
        eprintln!("round {round}: {rate:.0} requests/s, ready again after {back:?}");
        assert!(back < Duration::from_secs(30));
    }
    let answered = answered.lock().unwrap().clone();
    let mut database = filled.database();
    let ids = answered.join("','");
    let missing = format!(
        "select count(*) from unnest(array['{ids}']) id
          where not exists (select 1 from request_log where request_id = id)"
    );
    wait_until("every answered request is in the log", || {
        number(&mut database, &missing) == 0
    })
    .await;
    let doubled = "select count(*) - count(distinct request_id) from request_log";
    assert_eq!(number(&mut database, doubled), 0);
    let rollup = "select sum(requests) - (select count(*) from request_log) from usage_daily";
    assert_eq!(number(&mut database, rollup), 0, "rollups equal the rows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_postgres_comes_back_and_nothing_is_lost() {
    let (filled, process) = Filled::serve().await;
    let client = Client::new();
    let postmaster = filled.installation.data_dir().join("pg/postmaster.pid");
    let first = std::fs::read_to_string(&postmaster).unwrap();
    let pid: i32 = first.lines().next().unwrap().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let mut answered = 0;
    let deadline = Instant::now() + Duration::from_mins(1);
    // Answers go on within the lease, are refused past it, and go on again after the restart.
    while std::fs::read_to_string(&postmaster).is_ok_and(|now| now == first) || answered < 200 {
        assert!(Instant::now() < deadline, "it never comes back");
        let answer = filled.verify(&client, &process).await.unwrap();
        match answer["valid"].as_bool() {
            Some(valid) => {
                assert!(valid, "{answer}");
                answered += 1;
            }
            None => assert_eq!(answer["code"], "UNAVAILABLE", "{answer}"),
        }
    }
    let mut database = filled.database();
    wait_until("every answer is in the log", || {
        number(&mut database, "select count(*) from request_log") == answered
    })
    .await;
}
