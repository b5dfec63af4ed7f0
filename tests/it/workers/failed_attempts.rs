use latchkey::db::Db;
use latchkey::verify::failed_attempts::FailedAttempts;
use latchkey::workers::failed_attempts::FailedAttemptsFlush;

use super::LogPath;

#[tokio::test]
async fn counts_add_up_per_address_and_minute() {
    let path = LogPath::new();
    let attempts = FailedAttempts::default();
    let flush = FailedAttemptsFlush::new(path.test_db.db(), attempts.clone());
    for ip in ["203.0.113.9", "203.0.113.9", "2001:db8::1", "2001:db8::2"] {
        attempts.note(ip.parse().unwrap(), path.now());
    }
    assert_eq!(flush.run_once().await.unwrap(), 2);
    attempts.note("203.0.113.9".parse().unwrap(), path.now());
    flush.run_once().await.unwrap();
    let counts =
        "select string_agg(address || ' ' || attempts, ', ' order by address) from failed_attempts";
    assert_eq!(path.text(counts), "203.0.113.9/32 3, 2001:db8::/64 2");
}

#[tokio::test]
async fn counts_wait_for_a_database_that_is_away() {
    let path = LogPath::new();
    let attempts = FailedAttempts::default();
    attempts.note("203.0.113.9".parse().unwrap(), path.now());
    let nowhere = Db::new("postgres://nobody@/nothing?host=/nonexistent", 1);
    assert!(
        FailedAttemptsFlush::new(nowhere, attempts.clone())
            .run_once()
            .await
            .is_err()
    );
    FailedAttemptsFlush::new(path.test_db.db(), attempts)
        .run_once()
        .await
        .unwrap();
    assert_eq!(path.number("select sum(attempts) from failed_attempts"), 1);
}
