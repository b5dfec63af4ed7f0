//! One request's page.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::logs::LOGS;

#[tokio::test]
async fn a_request_tells_its_facts_and_how_it_was_decided() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(
        key.id,
        &[
            (60, "POST /v1/que'ry", 401, "203.0.113.9"),
            (30, "GET /v1/documents", 404, "203.0.113.9"),
        ],
    );
    let log = house.owner.get(LOGS).await;
    let allowed = log.attribute("tr:nth-child(1) td[data-column=request] a", "href");
    let refused = log.attribute("tr:nth-child(2) td[data-column=request] a", "href");

    let page = house.owner.get(&refused).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.one("h1"), "POST /v1/que'ry");
    assert!(page.one(".notice h2").contains("Refused: key expired"));
    assert_eq!(page.attribute(".notice", "data-verdict"), "EXPIRED");
    assert_eq!(page.texts("[data-result=passes]").len(), 4);
    assert_eq!(page.texts("[data-result=refuses]").len(), 1);
    assert!(
        page.one("[data-step=expiry]")
            .contains("Create a similar key")
    );
    assert!(page.one("[data-step=grant]").contains("Not reached"));
    for (fact, text) in [
        ("status", "401 key expired"),
        ("key", "Blog ingest Then called import"),
        ("secret", "Number 1 of this key"),
        ("category", "production"),
        ("duration", "1.5 ms to the first byte"),
        ("credits", "2"),
        ("ip", "203.0.113.9"),
        ("agent", "curl/8"),
        ("surface", "Gateway"),
    ] {
        assert_eq!(page.one(&format!("[data-fact={fact}]")), text, "{fact}");
    }
    assert_eq!(
        page.one("#curl"),
        "curl -X POST 'http://127.0.0.1:8082/v1/que'\\''ry' \\ -H \"Authorization: Bearer $LATCHKEY_API_KEY\""
    );
    let around = page.attribute("main a[href*='range=custom']", "href");
    let around = house.owner.get(&around).await;
    assert_eq!(around.texts("td[data-column=endpoint]").len(), 2);
    assert_eq!(around.attribute("#from", "type"), "text");
    let explain = page.attribute("main a[href*='/explain']", "href");
    assert_eq!(house.owner.get(&explain).await.status, 200);

    let page = house.owner.get(&allowed).await;
    assert_eq!(page.one(".notice h2"), "Let through, and answered 404");
    assert!(page.texts("[data-step]").len() == page.texts("[data-result=passes]").len());
    assert!(
        page.one("[data-step=charge]")
            .contains("1 request, 2 credits.")
    );
}

#[tokio::test]
async fn a_request_of_elsewhere_is_as_unknown_as_none() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(key.id, &[(60, "GET /a", 200, "203.0.113.9")]);
    let url = house
        .owner
        .get(LOGS)
        .await
        .attribute("td[data-column=request] a", "href");
    let id = url.rsplit('/').next().unwrap().to_owned();
    house.app.workspace(house.acme.account, "staging");
    let elsewhere = format!("/w/staging/developers/logs/{id}");
    let unknown = format!("/w/staging/developers/logs/req_{}", "0".repeat(16));
    let pages = [
        house.owner.get(&elsewhere).await,
        house.owner.get(&unknown).await,
        house.owner.get("/w/staging/developers/logs/nonsense").await,
    ];
    for page in &pages {
        assert_eq!(page.status, 404);
    }
    assert_eq!(pages[0].without_reference(), pages[1].without_reference());

    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    let page = viewer.get(&url).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("203.0.113.9"));
}
