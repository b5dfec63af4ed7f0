//! Each filter, by the address it has.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::logs::LOGS;
use crate::dashboard::logs::endpoints;

/// Two keys with a few calls each.
async fn busy() -> (House, String, String) {
    let house = House::new().await;
    let ingest = create(&house.owner, "Blog ingest").await;
    let widget = create(&house.owner, "Widget").await;
    house.execute("update api_keys set category = 'staging' where name = 'Widget'");
    house.log(
        ingest.id,
        &[
            (60, "GET /v1/documents", 200, "203.0.113.9"),
            (7_200, "POST /v1/query", 404, "203.0.113.77"),
            (864_000, "GET /old", 500, "203.0.113.9"),
        ],
    );
    house.log(
        widget.id,
        &[
            (90, "POST /v1/query", 401, "198.51.100.1"),
            (120, "DELETE /v1/documents/7", 204, "2001:db8::7"),
        ],
    );
    house.execute(
        "update request_log set credits = 9, duration_us = 700000 where method = 6;
         update request_log set code = 16 where method = 3 and status = 401",
    );
    (house, ingest.id.to_string(), widget.id.to_string())
}

#[tokio::test]
async fn the_log_is_narrowed_by_its_address() {
    let (house, ingest, widget) = busy().await;
    let (documents, query, delete) = (
        "GET /v1/documents",
        "POST /v1/query",
        "DELETE /v1/documents/7",
    );
    let all = format!("{documents} {query} {delete} {query}");
    let id = house.owner.get(LOGS).await.texts("td[data-column=request]")[1].clone();
    let old = house
        .owner
        .get(&format!("{LOGS}?range=30d&path=/old"))
        .await;
    let old = old.one("td[data-column=request]");
    for (asked, expected) in [
        ("", all.clone()),
        ("range=30d", format!("{all} GET /old")),
        ("range=15m", format!("{documents} {query} {delete}")),
        ("from=2026-11-11&to=2026-11-11", "GET /old".to_owned()),
        (
            "from=2026-11-21T09:39:20Z&to=2026-11-21T09:39:45Z",
            query.to_owned(),
        ),
        (&format!("key={ingest}"), format!("{documents} {query}")),
        (&format!("key={ingest}&key={widget}"), all.clone()),
        ("category=staging", format!("{query} {delete}")),
        ("category=none", String::new()),
        ("method=post", format!("{query} {query}")),
        ("path=/v1/doc", format!("{documents} {delete}")),
        (
            "path=https://api.example.com/v1/query?x=1",
            format!("{query} {query}"),
        ),
        ("path=/v1_", String::new()),
        ("code=2xx", format!("{documents} {delete}")),
        ("code=404", query.to_owned()),
        ("code=rate_limited", query.to_owned()),
        ("code=REFUSED", query.to_owned()),
        ("code=ALLOWED", format!("{documents} {delete} {query}")),
        ("ip=203.0.113.9", documents.to_owned()),
        ("ip=203.0.113.0/24", format!("{documents} {query}")),
        ("ip=2001:db8::/32", delete.to_owned()),
        ("slow=700", delete.to_owned()),
        ("slow=701", String::new()),
        ("credits=9", delete.to_owned()),
        (&format!("req={id}"), query.to_owned()),
        (&format!("req={old}&range=15m"), "GET /old".to_owned()),
        ("method=DELETE&code=2xx&category=staging", delete.to_owned()),
    ] {
        let page = house.owner.get(&format!("{LOGS}?{asked}")).await;
        assert_eq!(page.status, 200, "{asked}");
        assert_eq!(endpoints(&page), expected, "{asked}");
        assert!(!page.has(".notice"), "{asked}");
    }
}

#[tokio::test]
async fn filters_stand_above_the_table_and_can_be_taken_off_one_by_one() {
    let (house, ingest, _) = busy().await;
    let asked = format!("{LOGS}?range=24h&method=POST&key={ingest}&slow=1500&code=QUOTA_DAILY");
    let page = house.owner.get(&asked).await;
    assert_eq!(
        page.texts(".active-filters .chip"),
        [
            "Refused: daily limit reachedRemove",
            "Method: POSTRemove",
            "Key: Blog ingestRemove",
            "At least 1,500 msRemove"
        ]
    );
    assert_eq!(page.one(".empty h2"), "No calls match");
    assert_eq!(
        page.attribute(".active-filters > a:last-child", "href"),
        LOGS
    );
    let without = page.attribute(".active-filters .chip:nth-of-type(1)", "href");
    assert_eq!(
        without,
        format!("{LOGS}?range=24h&method=POST&key={ingest}&slow=1500")
    );
    assert_eq!(page.attribute("#key", "value"), ingest);
    assert_eq!(page.one("#method option[selected]"), "POST");
    assert!(page.has(".more-filters[open]"));
}

#[tokio::test]
async fn what_cannot_be_read_is_said_at_its_field_and_the_rest_stays() {
    let (house, ..) = busy().await;
    let asked = format!("{LOGS}?ip=here&slow=fast&method=POST&colour=red");
    let page = house.owner.get(&asked).await;
    assert_eq!(page.status, 422);
    assert!(page.one("title").starts_with("Error: "));
    assert_eq!(page.texts(".error-list a").len(), 2);
    assert!(page.one("#ip-error").contains("Enter an address"));
    assert!(page.one("#slow-error").contains("Enter milliseconds"));
    assert_eq!(page.attribute("#ip", "value"), "here");
    assert_eq!(endpoints(&page), "POST /v1/query POST /v1/query");
    assert_eq!(page.one(".notice"), "“colour” was ignored.");
    let page = house.owner.get(&format!("{LOGS}?after=nonsense")).await;
    assert_eq!(page.status, 200);
    assert!(page.one(".notice").contains("first page"));
}

#[tokio::test]
async fn a_secret_in_a_filter_is_not_kept() {
    let house = House::new().await;
    let page = crate::dashboard::keys::submit(&house.owner, &[("name", "Ingest")]).await;
    let secret = page.one("#secret");
    let page = house
        .owner
        .get(&format!("{LOGS}?path=/v1?key={secret}"))
        .await;
    assert_eq!((page.status, page.location()), (303, LOGS));
    let page = house.owner.get(LOGS).await;
    assert!(page.one(".flash").contains("Treat it as exposed"));
    assert!(!page.text.contains(&secret[20..]));
}

#[tokio::test]
async fn addresses_are_for_admins_and_for_those_whose_key_it_is() {
    let (house, ..) = busy().await;
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let own = create(&developer, "Own").await;
    house.log(own.id, &[(30, "GET /own", 200, "203.0.113.9")]);
    let page = developer.get(LOGS).await;
    assert_eq!(
        page.texts("td[data-column=ip]")[..2],
        ["203.0.113.9", "Hidden"]
    );
    assert!(!page.text.contains("198.51.100.1"));
    let page = developer.get(&format!("{LOGS}?ip=203.0.113.9")).await;
    assert_eq!(endpoints(&page), "GET /own", "and finds by own ones only");

    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    let page = viewer.get(&format!("{LOGS}?ip=203.0.113.9")).await;
    assert!(
        page.one(".notice")
            .contains("addresses are not shown to you")
    );
    assert_eq!(page.texts("td[data-column=endpoint]").len(), 5);
    assert!(!page.has("td[data-column=ip]") && !page.has("#ip"));
    assert!(!page.text.contains("203.0.113.77"));
}
