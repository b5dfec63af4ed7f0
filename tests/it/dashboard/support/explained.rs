//! A key explained: its last errors, its limits, and what its page may ask of the database.

use crate::dashboard::keys::rotate::rotate;
use crate::dashboard::support::ADDRESS;
use crate::dashboard::support::Desk;
use crate::support::queries;

/// What the rollups say failed, so many days ago.
fn counted(desk: &Desk, days_ago: u32, failed: u32) {
    desk.house.execute(&format!(
        "insert into usage_daily (account_id, workspace_id, key_id, day, requests, failed, credits)
         select account_id, workspace_id, id, '2026-11-21'::date - {days_ago}, 100, {failed}, 0
         from api_keys where id = '{}'",
        desk.key.id
    ));
}

#[tokio::test]
async fn the_last_errors_of_a_key_are_told_and_each_leads_to_its_request() {
    let desk = Desk::new().await;
    let day = 86_400;
    desk.house.log(
        desk.key.id,
        &[
            (90, "GET /v1/well", 200, ADDRESS),
            (2 * day, "POST /v1/two", 401, ADDRESS),
            (2 * day + 1, "GET /v1/missing", 404, ADDRESS),
            (3 * day, "GET /v1/broken", 502, ADDRESS),
            (9 * day, "GET /v1/nine", 401, ADDRESS),
            (9 * day + 1, "GET /v1/ten", 401, ADDRESS),
        ],
    );
    for (days_ago, failed) in [(0, 1), (2, 2), (3, 1), (9, 2), (20, 5)] {
        counted(&desk, days_ago, failed);
    }
    desk.open().await;
    let page = desk.support.get(&desk.key_url()).await;
    let column = |name: &str| page.texts(&format!("#last-errors td[data-column={name}]"));
    assert_eq!(
        column("endpoint"),
        [
            "POST /v1/documents",
            "POST /v1/two",
            "GET /v1/missing",
            "GET /v1/broken",
            "GET /v1/nine"
        ]
    );
    assert_eq!(
        column("decision")[1..4],
        [
            "401 key expiredThe key had expired, and stays so.",
            "404 Not FoundThe key was in order. The call ended with this status.",
            "502 Bad GatewayThe key was in order. The call ended with this status.",
        ]
    );
    let times = page.texts("#last-errors th[data-column=time]");
    assert_eq!(times[0], "21 Nov 2026, 09:40:00.000");
    let first = page.attribute("#last-errors td[data-column=request] a", "href");
    assert_eq!(first, desk.request_url());
    let all = page.attribute("#last-errors .section-head a", "href");
    let summary = page.one("#summary");
    for words in [
        "Last 30 days: 500 requests",
        "Limits: None of its own",
        "Last errors, newest first: - 21 Nov 2026, 09:40:00.000 UTC: POST /v1/documents, \
         401 key expired, req_",
    ] {
        assert!(summary.contains(words), "{words} in {summary}");
    }
    assert!(!page.text.contains(ADDRESS));
    let all = desk.support.get(&all[..all.find('#').unwrap()]).await;
    let found = all.texts("#requests td[data-column=endpoint]");
    assert_eq!(found.len(), 6, "{found:?}");
    // Its own people have the log and its counts for that.
    let owner = desk.house.owner.get(&desk.key.url()).await;
    assert!(!owner.has("#last-errors"));
}

#[tokio::test]
async fn where_there_are_no_errors_to_show_it_is_said_why() {
    let desk = Desk::new().await;
    desk.open().await;
    let told = async || {
        let page = desk.support.get(&desk.key_url()).await;
        page.one("#last-errors p")
    };
    assert_eq!(told().await, "No call failed in the last 30 days.");
    // Of these no row is kept.
    desk.house
        .execute("update accounts set log_retention_days = 7");
    counted(&desk, 20, 3);
    desk.house
        .log(desk.key.id, &[(20 * 86_400, "GET /v1/old", 401, ADDRESS)]);
    desk.house
        .execute("delete from request_log where at > '2026-11-20'");
    assert_eq!(
        told().await,
        "Calls failed in the last 30 days, before those that are still kept."
    );
}

/// To get in: the session, the account, the look, the workspace.
const DOOR: usize = 4;
/// To note what was looked at: that the look is open, what it is called, the row.
const NOTE: usize = 3;
const QUERIES_MAX: usize = 6;

#[tokio::test]
async fn a_keys_page_takes_few_queries_whatever_became_of_the_key() {
    queries::watch();
    let desk = Desk::new().await;
    desk.open().await;
    let url = desk.house.app.db.url();
    let asked = async || {
        queries::take(&url);
        let page = desk.support.get(&desk.key_url()).await;
        assert_eq!(page.status, 200);
        let support = queries::take(&url);
        assert!(support.len() <= DOOR + QUERIES_MAX + NOTE, "{support:#?}");
        let page = desk.house.owner.get(&desk.key.url()).await;
        assert_eq!(page.status, 200);
        let owner = queries::take(&url);
        assert!((1..=QUERIES_MAX).contains(&owner.len()), "{owner:#?}");
        (support.len(), owner.len())
    };
    let quiet = asked().await;
    let calls: Vec<(i64, &str, u16, &str)> = (1..400)
        .map(|n| (n * 60, "POST /v1/documents", 401, ADDRESS))
        .collect();
    desk.house.log(desk.key.id, &calls);
    for days_ago in 0..30 {
        counted(&desk, days_ago, 7);
    }
    assert_eq!(asked().await, (quiet.0 + 1, quiet.1));
    // While two secrets work, who calls with which is asked too.
    let rotated = rotate(&desk.house.owner, &desk.key, &[]).await;
    assert_eq!(rotated.status, 201, "{}", rotated.text);
    assert_eq!(asked().await, (quiet.0 + 2, quiet.1 + 1));
}
