//! What is missing from a log is said in it.

use crate::dashboard::keys::House;

const LOGS: &str = "/w/default/developers/logs?range=24h";

#[tokio::test]
async fn a_time_without_records_is_told_where_it_is_looked_at() {
    let house = House::new().await;
    let gap = |from: &str, to: &str| {
        house.execute(&format!(
            "insert into log_gaps (spool_id, from_at, to_at, records)
             values (gen_random_uuid(), '{from}', '{to}', 7)"
        ));
    };
    gap("2026-11-01T08:00:00Z", "2026-11-01T08:00:05Z");
    assert!(!house.owner.get(LOGS).await.has(".log-notice"));
    gap("2026-11-21T08:00:00Z", "2026-11-21T08:00:05Z");
    let told = house.owner.get(LOGS).await.one(".log-notice");
    assert!(
        told.contains("between 21 Nov 2026, 08:00:00 and 21 Nov 2026, 08:00:05 UTC"),
        "{told}"
    );
    // How many is of all accounts, and so the operator's to know.
    assert!(!told.contains('7'));
}
