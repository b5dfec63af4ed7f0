//! The explorer's pages, and what stands in the place of rows.

use diesel::Connection;
use diesel::connection::SimpleConnection;
use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::logs::LOGS;
use crate::dashboard::logs::endpoints;
use crate::support::queries;

#[tokio::test]
async fn the_log_is_paged_without_a_gap_where_times_are_equal() {
    let house = House::new().await;
    let keys = [
        create(&house.owner, "One").await,
        create(&house.owner, "Two").await,
    ];
    for (key, first) in keys.iter().zip([0, 60]) {
        let calls: Vec<String> = (first..first + 60)
            .map(|n| format!("GET /{n:03}"))
            .collect();
        let calls: Vec<_> = calls
            .iter()
            .zip(1..)
            .map(|(endpoint, n)| (n / 20, endpoint.as_str(), 200, "203.0.113.9"))
            .collect();
        house.log(key.id, &calls);
    }
    let (mut seen, mut path) = (Vec::new(), format!("{LOGS}?method=GET"));
    loop {
        let page = house.owner.get(&path).await;
        seen.push(page.texts("td[data-column=endpoint]"));
        if !page.has(".pager a[rel=next]") {
            break;
        }
        path = page.attribute(".pager a[rel=next]", "href");
        assert!(path.contains("method=GET"), "{path}");
    }
    assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    let mut all = seen.concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 120);
    let newer = house
        .owner
        .get(&path)
        .await
        .attribute(".pager a[rel=prev]", "href");
    let page = house.owner.get(&newer).await;
    assert_eq!(page.texts("td[data-column=endpoint]"), seen[1]);
    assert_eq!(
        page.one(".pager > span:first-child"),
        "50 requests on this page"
    );
}

#[tokio::test]
async fn an_empty_log_says_why() {
    let house = House::new().await;
    let page = house.owner.get(LOGS).await;
    assert_eq!(page.one(".empty h2"), "No calls yet");
    assert!(
        page.one(".empty pre")
            .contains("curl http://127.0.0.1:8082/")
    );
    let key = create(&house.owner, "Blog ingest").await;
    house.log(key.id, &[(864_000, "GET /a", 200, "203.0.113.9")]);
    house.execute("update api_keys set first_used_at = now()");
    let page = house.owner.get(LOGS).await;
    assert_eq!(page.one(".empty h2"), "No calls in this range");
    let page = house.owner.get(&format!("{LOGS}?code=503")).await;
    assert_eq!(page.one(".empty h2"), "No calls match");
    assert_eq!(page.attribute(".empty a", "href"), LOGS);
}

#[tokio::test]
async fn a_log_that_cannot_be_searched_in_time_says_so_and_keeps_its_filters() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(key.id, &[(60, "GET /a", 200, "203.0.113.9")]);
    let mut blocker = house.conn();
    blocker.begin_test_transaction().unwrap();
    blocker
        .batch_execute("lock table request_log in access exclusive mode")
        .unwrap();
    let page = house.owner.get(&format!("{LOGS}?method=POST")).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.one(".empty h2"), "Search stopped after 2 s");
    assert_eq!(page.one(".active-filters .chip"), "Method: POSTRemove");
}

#[tokio::test]
async fn a_search_that_finds_little_says_how_far_it_came_and_goes_on_from_there() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(
        key.id,
        &[
            (60, "GET /new", 200, "203.0.113.9"),
            (864_000, "GET /old", 200, "203.0.113.9"),
        ],
    );
    // What is older than three days takes for ever.
    house.execute(
        "create function slow(at timestamptz) returns boolean language plpgsql stable as
             $$ begin if at < '2026-11-18' then perform pg_sleep(3); end if; return true; end $$;
         alter table request_log rename to request_log_all;
         create view request_log with (security_invoker = true) as
             select * from request_log_all l where slow(l.at);
         grant select on request_log to latchkey_tenant;",
    );
    let page = house
        .owner
        .get(&format!("{LOGS}?range=30d&method=GET"))
        .await;
    assert_eq!(endpoints(&page), "GET /new");
    let told = page.one("#searched-back");
    assert!(told.starts_with("Searched back to "), "{told}");
    let further = page.attribute("#searched-back a", "href");
    assert!(further.contains("range=30d&method=GET&after="), "{further}");
    let page = house.owner.get(&further).await;
    assert!(page.one(".empty h2").starts_with("Nothing back to "));
    assert!(page.has(".empty a[rel=next]"));

    house.execute("create or replace function slow(at timestamptz) returns boolean language sql stable as 'select true'");
    let page = house.owner.get(&further).await;
    assert_eq!(endpoints(&page), "GET /old");
}

#[tokio::test]
async fn a_page_of_many_rows_and_keys_takes_few_queries_and_little_room() {
    queries::watch();
    let house = House::new().await;
    house.fill(200);
    let ids: Vec<String> = (1..=50).map(|n| format!("key {n:04}")).collect();
    for name in &ids {
        let id = format!("select id as line from api_keys where name = '{name}'");
        let id = crate::support::rows::text(&house.app.db, &id);
        house.log(
            id.parse().unwrap(),
            &[(
                60,
                "POST /v1/documents/import/with/a/longer/path",
                401,
                "2001:db8:85a3:8d3:1319:8a2e:370:7348",
            )],
        );
    }
    let url = house.app.db.url();
    queries::take(&url);
    let page = house
        .owner
        .get(&format!("{LOGS}?path=/v1&method=POST"))
        .await;
    let taken = queries::take(&url);
    assert_eq!(page.texts("tbody tr").len(), 50);
    assert!((1..=6).contains(&taken.len()), "{taken:#?}");
    assert!(page.text.len() <= 90_000, "{} bytes", page.text.len());
    let elements = page.texts("*").len();
    assert!(elements <= 1_800, "{elements} elements");
}

#[tokio::test]
async fn a_stranger_finds_nothing_and_a_workspace_shows_only_its_own() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.log(key.id, &[(60, "GET /a", 200, "203.0.113.9")]);
    let staging = house.app.workspace(house.acme.account, "staging");
    let place = (house.acme.account, staging);
    house.log_in(place, key.id, &[(60, "GET /staging", 200, "203.0.113.9")]);
    let page = house.owner.get(LOGS).await;
    assert_eq!(endpoints(&page), "GET /a");
    let page = house.owner.get("/w/staging/developers/logs").await;
    assert_eq!(endpoints(&page), "GET /staging");
    assert_eq!(
        page.attribute("nav [aria-current=page]", "href"),
        "/w/staging/developers/logs"
    );
    let stranger = house.app.owner("globex").await;
    let page = stranger.get(LOGS).await;
    assert_eq!((page.status, endpoints(&page)), (200, String::new()));
    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    let page = viewer.get("/w/staging/developers/logs").await;
    assert_eq!(page.status, 404);
}
