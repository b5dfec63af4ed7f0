//! What a workspace's keys did: the page and its file.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::support::queries;

const USAGE: &str = "/w/default/developers/usage";

/// Ten answers of 10 to 20 ms.
const LATENCY: &str = "'{0,0,0,0,0,0,0,10}'";

/// A busy key of production and a quiet one without a category; imports by keys and by the app.
async fn used() -> (House, NewKey, NewKey) {
    let house = House::new().await;
    let busy = create(&house.owner, "Busy").await;
    let quiet = create(&house.owner, "Quiet").await;
    let day = |key: &NewKey, back: u32, requests: u32, failed: u32| {
        format!(
            "insert into usage_daily (account_id, workspace_id, key_id, day, requests, failed,
                 credits, latency)
             select account_id, workspace_id, id, '2026-11-21'::date - {back}, {requests}, {failed},
                 {requests} * 2, {LATENCY} from api_keys where id = '{}';",
            key.id
        )
    };
    house.execute(&format!(
        "{}{}{}{}
         update api_keys set category = 'production' where id = '{}';
         update api_keys set category = '' where id = '{}';
         insert into workspace_usage_daily (account_id, workspace_id, day, requests, failed, credits,
             latency)
         select account_id, workspace_id, day, sum(requests), sum(failed), sum(credits), {LATENCY}
         from usage_daily group by 1, 2, 3;
         update api_keys k set requests_30d = (select sum(requests) from usage_daily u
             where u.key_id = k.id and day > '2026-10-22');
         insert into meters (slug, label, kind) values ('imports', 'Imports', 'period')
             on conflict (slug) do nothing;
         insert into meter_usage_daily (account_id, meter, day, workspace_id, source, amount)
         select account_id, 'imports', '2026-11-20', workspace_id, source, amount
         from (select distinct account_id, workspace_id from api_keys) w,
             (values ('api', 12), ('app', 30)) as u (source, amount);",
        day(&busy, 0, 60, 6),
        day(&busy, 3, 30, 0),
        day(&busy, 40, 1_000, 1_000),
        day(&quiet, 3, 10, 5),
        busy.id,
        quiet.id,
    ));
    (house, busy, quiet)
}

fn row(page: &crate::support::html::Page, table: &str, number: u32) -> Vec<String> {
    page.texts(&format!("#{table} tbody tr:nth-child({number}) > *"))
}

#[tokio::test]
async fn the_page_tells_who_made_the_requests_and_how_they_were_answered() {
    let (house, _, _) = used().await;
    let page = house.owner.get(USAGE).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.one(".chart-sentence")
            .starts_with("100 requests, 11% failed")
    );
    assert_eq!(
        page.texts("#sums dd"),
        ["100", "11, 11%", "200", "15 ms", "19 ms"]
    );
    assert_eq!(
        row(&page, "by-key", 1),
        ["Busyproduction", "90", "90%", "6.7%", "180"]
    );
    assert_eq!(row(&page, "by-key", 2), ["Quiet", "10", "10%", "50%", "20"]);
    assert_eq!(
        row(&page, "by-category", 1),
        ["production", "1", "90", "90%"]
    );
    assert_eq!(row(&page, "by-category", 2), ["None", "1", "10", "10%"]);
    assert_eq!(
        row(&page, "by-meter", 1),
        ["Knowledge base imports", "12", "30"]
    );
    assert!(page.text.contains("This workspace only"));
}

#[tokio::test]
async fn a_category_or_a_key_is_shown_alone_and_the_filter_can_be_taken_off() {
    let (house, _, quiet) = used().await;
    let page = house
        .owner
        .get(&format!("{USAGE}?category=production"))
        .await;
    assert!(page.one(".chart-sentence").starts_with("90 requests"));
    assert_eq!(page.texts("#by-key tbody tr").len(), 1);
    assert_eq!(
        page.texts("#sums dd"),
        ["90", "6, 6.7%", "180", "15 ms", "19 ms"]
    );
    assert_eq!(page.attribute(".active-filters a", "href"), USAGE);
    let page = house.owner.get(&format!("{USAGE}?key={}", quiet.id)).await;
    assert!(
        page.one(".chart-sentence")
            .starts_with("10 requests, 50% failed")
    );
    assert!(page.one(".active-filters").contains("Quiet"));
    assert!(!page.has("#by-key"));
    // Nobody's key.
    let page = house.owner.get(&format!("{USAGE}?key=4fZk0QpL9aBc")).await;
    assert_eq!(page.status, 404);
    let page = house.owner.get(&format!("{USAGE}?shape=round")).await;
    assert!(page.one(".notice").contains("“shape”"));
}

#[tokio::test]
async fn the_file_holds_the_days_of_the_chart_and_is_noted() {
    let (house, busy, _) = used().await;
    let file = house
        .owner
        .get(&format!("{USAGE}.csv?key={}", busy.id))
        .await;
    assert_eq!(file.status, 200, "{}", file.text);
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(
        lines,
        [
            "day_utc,requests,succeeded,failed,credits,p50_ms,p95_ms",
            "2026-11-18,30,30,0,60,15,20",
            "2026-11-21,60,54,6,120,15,20",
        ]
    );
    assert_eq!(file.header("cache-control"), "no-store, private");
    let noted = format!(
        "select count(*) from audit_log where action = 'usage.exported'
          and after ->> 'filter' = 'key={}'",
        busy.id
    );
    assert_eq!(house.number(&noted), 1);
    let viewer = house
        .member("viewer@acme.example", WorkspaceRole::Viewer)
        .await;
    assert_eq!(viewer.get(USAGE).await.status, 200);
    assert!(!viewer.get(USAGE).await.has(".page-actions a"));
    assert_eq!(viewer.get(&format!("{USAGE}.csv")).await.status, 403);
}

#[tokio::test]
async fn without_calls_there_is_nothing_but_zeros() {
    let house = House::new().await;
    let page = house.owner.get(USAGE).await;
    assert_eq!(page.one(".chart-sentence"), "No requests in these 30 days.");
    assert_eq!(
        page.texts("#sums dd"),
        ["0", "None", "0", "Not known", "Not known"]
    );
    assert!(!page.has("#by-key") && !page.has(".page-actions a"));
}

#[tokio::test]
async fn a_thousand_keys_take_no_more_queries_than_none() {
    queries::watch();
    let house = House::new().await;
    house.fill(1_000);
    house.execute("update api_keys set requests_30d = 7");
    assert_eq!(house.owner.get(USAGE).await.status, 200);
    let url = house.app.db.url();
    queries::take(&url);
    let page = house.owner.get(USAGE).await;
    let taken = queries::take(&url);
    assert_eq!(page.texts("#by-key tbody tr").len(), 50);
    assert!((1..=6).contains(&taken.len()), "{taken:#?}");
}
