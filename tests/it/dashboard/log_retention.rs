//! For how long an account keeps its calls: set by owners, heeded by every page at once.

use std::time::Duration;

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::logs::LOGS;
use crate::dashboard::logs::endpoints;

const PAGE: &str = "/account/settings/logs";
const DAY: i64 = 86_400;

#[tokio::test]
async fn what_an_account_keeps_no_longer_is_shown_nowhere_before_it_is_even_deleted() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(
        key.id,
        &[
            (60, "GET /new", 200, "203.0.113.9"),
            (10 * DAY, "GET /old", 200, "203.0.113.9"),
        ],
    );
    let all = format!("{LOGS}?range=30d");
    let page = house.owner.get(&all).await;
    assert_eq!(endpoints(&page), "GET /new GET /old");
    assert!(page.one(".page-head p").contains("Kept for 90 days"));
    assert_eq!(page.attribute(".page-head p a", "href"), PAGE);
    let old = "tbody tr:last-child td[data-column=request] a";
    let old = page.attribute(old, "href");
    assert_eq!(house.owner.get(&old).await.status, 200);

    let page = house.owner.submit(PAGE, &[("days", "7")]).await;
    assert_eq!(page.status, 422);
    let told = page.one("#confirmed .field-error");
    assert!(told.contains("calls from before 14 Nov 2026"), "{told}");
    assert_eq!(page.attribute("#days", "value"), "7");
    let fields = [("days", "7"), ("confirmed", "yes")];
    let page = house.owner.submit(PAGE, &fields).await;
    assert_eq!((page.status, page.location()), (303, PAGE));
    let page = house.owner.get(PAGE).await;
    assert_eq!(page.attribute("#days", "value"), "7");
    assert!(page.one(".page-head p").contains("14 Nov 2026"));

    let page = house.owner.get(&all).await;
    assert_eq!(endpoints(&page), "GET /new");
    assert!(page.one(".page-head p").contains("Kept for 7 days"));
    let told = page.one("main");
    assert!(told.contains("Calls from before 14 Nov 2026 are no longer kept"));
    assert_eq!(house.owner.get(&old).await.status, 404);
    let request = old.rsplit_once('/').unwrap().1;
    for place in [LOGS, "/account/logs", &key.url()] {
        let path = format!("{place}?req={request}");
        assert_eq!(endpoints(&house.owner.get(&path).await), "", "{path}");
        let path = format!("{place}?range=90d");
        assert_eq!(
            endpoints(&house.owner.get(&path).await),
            "GET /new",
            "{path}"
        );
    }
    let file = house.owner.get(&format!("{LOGS}.csv?range=90d")).await;
    assert_eq!(file.text.lines().count(), 2);
    let rows = "select count(*) from request_log";
    assert_eq!(house.number(rows), 2, "nothing is deleted yet");
    let noted = "select count(*) from audit_log where action = 'log-retention.changed'
        and before->>'days' is null and after->>'days' = '7'";
    assert_eq!(house.number(noted), 1);
}

#[tokio::test]
async fn keeping_more_needs_no_confirmation_and_nothing_is_longest() {
    let house = House::new().await;
    house.execute("update accounts set log_retention_days = 7");
    for (days, stored) in [("30", 30), ("", 0)] {
        let page = house.owner.submit(PAGE, &[("days", days)]).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let stored_now = "select coalesce(max(log_retention_days), 0) from accounts";
        assert_eq!(house.number(stored_now), stored);
    }
    let page = house.owner.submit(PAGE, &[("days", "")]).await;
    assert_eq!(page.status, 303);
    let noted = "select count(*) from audit_log where action = 'log-retention.changed'";
    assert_eq!(house.number(noted), 2, "the same again is no change");
    for wrong in ["0", "91", "soon"] {
        let fields = [("days", wrong), ("confirmed", "yes")];
        let page = house.owner.submit(PAGE, &fields).await;
        assert_eq!(page.status, 422);
        assert_eq!(
            page.one("#days-error"),
            "Error: Enter a whole number of days, from 1 to 90."
        );
    }
}

#[tokio::test]
async fn it_takes_a_session_that_was_confirmed_within_two_hours() {
    let house = House::new().await;
    let form = house.owner.get(PAGE).await;
    for _ in 0..3 {
        house.app.clock.advance(Duration::from_mins(41));
        house.owner.get("/w/default/").await;
    }
    let fields = [("days", "7"), ("confirmed", "yes")];
    let page = house.owner.fill_in(&form, &fields).await;
    assert_eq!(page.status, 303);
    assert!(page.location().starts_with("/confirm-identity"));
    let set = "select count(*) from accounts where log_retention_days is not null";
    assert_eq!(house.number(set), 0);
}
