//! New calls as they come.

use std::time::Duration;

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::logs::LOGS;

const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_call_is_told_once_soon_after_it_is_in_the_log() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(
        key.id,
        &[
            (5, "GET /before", 200, "203.0.113.9"),
            (60, "GET /old", 200, "::1"),
        ],
    );
    let request = house
        .owner
        .request("GET", &format!("{LOGS}/tail?method=GET"));
    let mut answer = request
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["cache-control"], "no-store, private");
    let mut text = String::new();
    let mut added = false;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    // The answer ends by itself.
    while let Ok(Ok(Some(bytes))) = tokio::time::timeout_at(deadline, answer.chunk()).await {
        text.push_str(&String::from_utf8_lossy(&bytes));
        if !added && text.contains("/before") {
            added = true;
            house.log(
                key.id,
                &[
                    (2, "GET /new", 200, "203.0.113.9"),
                    (2, "POST /no", 200, "::1"),
                ],
            );
        }
    }
    assert!(
        tokio::time::Instant::now() < deadline,
        "it never ended: {text}"
    );
    assert!(text.starts_with("retry: "), "{text}");
    for (path, times) in [("/before", 1), ("/new", 1), ("/old", 0), ("/no", 0)] {
        assert_eq!(text.matches(path).count(), times, "{path} in {text}");
    }
    assert!(text.contains("data: "));
}

#[tokio::test]
async fn whoever_follows_the_address_comes_to_the_log() {
    let house = House::new().await;
    let page = house.owner.get(&format!("{LOGS}/tail?range=1h")).await;
    assert_eq!(
        (page.status, page.location()),
        (303, &*format!("{LOGS}?range=1h"))
    );
    let log = house.owner.get(&format!("{LOGS}?range=1h")).await;
    assert_eq!(
        log.attribute("[data-tail]", "data-tail"),
        format!("{LOGS}/tail?range=1h")
    );
    assert_eq!(
        log.attribute(".log-tail a", "href"),
        format!("{LOGS}?range=1h")
    );
    let log = house.owner.get(&format!("{LOGS}?from=2026-11-01")).await;
    assert!(!log.has("[data-tail]"), "what is over has nothing new");
}
