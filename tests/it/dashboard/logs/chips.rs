//! Failures counted above the table.

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::logs::LOGS;

#[tokio::test]
async fn failures_are_counted_and_lead_to_their_calls() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let other = create(&house.owner, "Widget").await;
    house.log(key.id, &[(60, "GET /a", 401, "203.0.113.9")]);
    let add = |key: &str, hours: u32, outcome: u16, requests: u32| {
        house.execute(&format!(
            "insert into outcomes_hourly values ({}, {}, date_trunc('hour', timestamptz
                 '2026-11-21T09:41Z') - interval '{hours} hours', '{key}', {outcome}, {requests})",
            house.acme.account.0, house.acme.workspace.0
        ));
    };
    let (key, other) = (key.id.to_string(), other.id.to_string());
    for (key, hours, outcome, requests) in [
        (&key, 0, 12, 30),
        (&key, 5, 12, 8),
        (&other, 1, 404, 5),
        (&other, 1, 15, 2),
        (&other, 2, 16, 1),
        (&key, 3, 5, 0),
        (&key, 300, 5, 9),
    ] {
        add(key, hours, outcome, requests);
    }
    let page = house.owner.get(LOGS).await;
    assert_eq!(
        page.texts(".log-chips .chip"),
        [
            "38 × daily limit reached",
            "5 × 404 Not Found",
            "3 × rate of the plan reached"
        ]
    );
    assert!(
        page.one(".log-chips > span")
            .contains("Failures since 14 Nov 2026, 09:00")
    );
    let url = page.attribute(".log-chips .chip", "href");
    assert_eq!(url, format!("{LOGS}?code=QUOTA_DAILY"));
    let page = house.owner.get(&format!("{url}&range=1h&key={key}")).await;
    assert_eq!(page.texts(".log-chips .chip"), ["30 × daily limit reached"]);
    assert!(page.has(".log-chips .chip[aria-current]"));
    let page = house
        .owner
        .get(&format!("{LOGS}?category=production&range=30d"))
        .await;
    assert_eq!(page.texts(".log-chips .chip").len(), 4);
    let page = house.owner.get(&format!("{LOGS}?method=GET")).await;
    assert!(!page.has(".log-chips"), "rollups know no methods");
    let page = house
        .owner
        .get(&format!("/w/default/developers/keys/{other}"))
        .await;
    assert_eq!(page.texts("#requests .log-chips .chip").len(), 2);
}
