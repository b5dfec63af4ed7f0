//! One key's page: facts, requests, banner.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::create;
use crate::support::html::Page;

fn paths(page: &Page) -> Vec<String> {
    page.texts("td[data-column=endpoint]")
}

#[tokio::test]
async fn a_key_shows_its_facts_and_who_made_it() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let page = house.owner.get(&key.url()).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.one("h1"), "Blog ingest Active");
    let facts = page.texts(".facts dd").join(" | ");
    let masked = format!("lk_{}_••••{}", key.id, key.last_four());
    for fact in [
        masked.as_str(),
        key.id.as_str(),
        "Full access",
        "production",
        "21 Nov 2026, 09:41 by Ada Byron",
        "Never used",
        "19 Feb 2027, 09:41 in 3 months",
    ] {
        assert!(facts.contains(fact), "{fact} in {facts}");
    }
    assert!(
        page.one("main")
            .contains("owner@acme.example created the key")
    );
    assert_eq!(page.one("#requests .empty h3"), "No calls yet");
    assert!(
        page.one("#requests pre")
            .contains("curl http://127.0.0.1:8082/")
    );
}

#[tokio::test]
async fn a_request_is_told_in_columns_and_a_refusal_in_words() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(
        key.id,
        &[
            (60, "GET /v1/documents", 200, "203.0.113.9"),
            (120, "POST /v1/query", 404, "203.0.113.9"),
            (180, "POST /v1/query", 401, "203.0.113.9"),
        ],
    );
    let page = house.owner.get(&key.url()).await;
    assert_eq!(
        paths(&page),
        ["GET /v1/documents", "POST /v1/query", "POST /v1/query"]
    );
    assert_eq!(
        page.texts("[data-column=time]")[0],
        "21 Nov 2026, 09:40:00.000"
    );
    assert_eq!(
        page.texts("td[data-column=status]"),
        ["200", "404 Not Found", "401 key expired"]
    );
    assert_eq!(page.texts("td[data-column=duration]")[0], "1.5 ms");
    assert_eq!(page.texts("td[data-column=ip]")[0], "203.0.113.9");
    assert_eq!(page.texts("td[data-column=credits]")[0], "2");
}

#[tokio::test]
async fn the_log_is_filtered_by_its_address() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(
        key.id,
        &[
            (60, "GET /a", 200, "203.0.113.9"),
            (7200, "POST /b", 404, "203.0.113.9"),
            (7300, "POST /c", 401, "203.0.113.9"),
            (864_000, "GET /d", 500, "203.0.113.9"),
        ],
    );
    for (query, expected) in [
        ("", "GET /a POST /b POST /c"),
        ("?range=1h", "GET /a"),
        ("?range=30d", "GET /a POST /b POST /c GET /d"),
        ("?range=30d&code=5xx", "GET /d"),
        ("?code=404", "POST /b"),
        ("?code=EXPIRED", "POST /c"),
        ("?method=POST&code=4xx", "POST /b POST /c"),
        ("?range=custom&from=2026-11-11&to=2026-11-11", "GET /d"),
    ] {
        let page = house.owner.get(&format!("{}{query}", key.url())).await;
        assert_eq!(paths(&page).join(" "), expected, "{query}");
    }
    let page = house.owner.get(&format!("{}?code=503", key.url())).await;
    assert_eq!(page.one("#requests .empty h3"), "No calls match");
    let page = house
        .owner
        .get(&format!("{}?code=x&range=9d", key.url()))
        .await;
    assert_eq!(page.texts("#requests .field-error").len(), 2);
}

#[tokio::test]
async fn the_log_pages_back_and_forth() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let calls: Vec<String> = (0..120).map(|n| format!("GET /{n:03}")).collect();
    let calls: Vec<_> = calls
        .iter()
        .zip(1..)
        .map(|(endpoint, n)| (n / 3, endpoint.as_str(), 200, "203.0.113.9"))
        .collect();
    house.log(key.id, &calls);
    let (mut seen, mut path) = (Vec::new(), format!("{}?method=GET", key.url()));
    loop {
        let page = house.owner.get(&path).await;
        seen.push(paths(&page));
        if !page.has(".pager a[rel=next]") {
            break;
        }
        path = page.attribute(".pager a[rel=next]", "href");
        assert!(path.contains("method=GET"), "{path}");
        path.truncate(path.find('#').unwrap());
    }
    assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    let mut all = seen.concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 120);

    let mut newer = house
        .owner
        .get(&path)
        .await
        .attribute(".pager a[rel=prev]", "href");
    newer.truncate(newer.find('#').unwrap());
    assert_eq!(paths(&house.owner.get(&newer).await), seen[1]);
}

#[tokio::test]
async fn a_reader_sees_requests_without_their_addresses() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(key.id, &[(60, "GET /a", 200, "203.0.113.9")]);
    house.execute("update api_keys set last_used_at = now(), last_used_ip = '203.0.113.9'");
    for role in [WorkspaceRole::Viewer, WorkspaceRole::Developer] {
        let reader = house
            .member(&format!("{}@acme.example", role.as_str()), role)
            .await;
        let page = reader.get(&key.url()).await;
        assert_eq!(paths(&page), ["GET /a"]);
        assert!(!page.has("td[data-column=ip]"));
        assert!(!page.text.contains("203.0.113.9"));
        assert!(!page.has(&format!("a[href='{}/revoke']", key.url())));
    }
}

#[tokio::test]
async fn a_log_that_takes_too_long_is_stopped_and_the_page_shown() {
    use diesel::Connection;
    use diesel::connection::SimpleConnection;

    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(key.id, &[(60, "GET /a", 200, "203.0.113.9")]);
    // Somebody holds the table, so that the search cannot go on.
    let mut blocker = house.conn();
    blocker.begin_test_transaction().unwrap();
    blocker
        .batch_execute("lock table request_log in access exclusive mode")
        .unwrap();
    let page = house.owner.get(&key.url()).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.one("#requests .empty h3"), "Search stopped after 2 s");
    assert!(page.one("h1").starts_with("Blog ingest"));
}

#[tokio::test]
async fn a_new_key_waits_for_its_first_request() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let path = format!("{}/first-request", key.url());
    let page = house.owner.get(&path).await;
    assert_eq!((page.status, page.text.as_str()), (204, ""));
    house.execute("update api_keys set first_used_at = '2026-11-21T09:40:48Z'");
    let page = house.owner.get(&path).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text, "First request received 12 seconds ago.");
    assert_eq!(page.header("cache-control"), "no-store, private");
}

#[tokio::test]
async fn a_revoked_key_keeps_its_page_and_offers_nothing() {
    let house = House::new().await;
    house.fill(1);
    house.execute(
        "update api_keys set revoked_at = '2026-11-20', revoked_by = 'ada@acme.example',
             revoked_reason = 'leaked'",
    );
    let list = house.owner.get(&format!("{KEYS}?view=ended")).await;
    let url = list.attribute("tbody th[scope=row] a", "href");
    let page = house.owner.get(&url).await;
    assert_eq!(page.status, 200);
    let notice = page.one(".notice");
    assert!(notice.contains("by ada@acme.example (leaked)"), "{notice}");
    assert!(!page.has(&format!("a[href='{url}/revoke']")));
}
