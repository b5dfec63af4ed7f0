//! What a customer used, as support staff see it.

use crate::dashboard::support::Desk;

impl Desk {
    /// Requests of the key and imports of the account, this month.
    fn used(&self) {
        self.house.execute(
            "update api_keys set category = 'production', requests_30d = 60;
             insert into usage_daily (account_id, workspace_id, key_id, day, requests, failed,
                 credits)
             select account_id, workspace_id, id, '2026-11-20', 60, 6, 120 from api_keys;
             insert into workspace_usage_daily (account_id, workspace_id, day, requests, failed,
                 credits)
             select account_id, workspace_id, day, requests, failed, credits from usage_daily;
             insert into meters (slug, label, kind) values ('imports', 'Imports', 'period')
                 on conflict (slug) do nothing;
             insert into meter_usage_daily (account_id, meter, day, workspace_id, source, amount)
             select account_id, 'imports', '2026-11-20', workspace_id, source, amount
             from (select distinct account_id, workspace_id from api_keys) w,
                 (values ('api', 12), ('app', 30)) as u (source, amount);",
        );
    }
}

#[tokio::test]
async fn a_workspaces_usage_is_the_customers_page_without_its_file() {
    let desk = Desk::new().await;
    desk.used();
    desk.open().await;
    let url = format!("{}/w/default/developers/usage", desk.url());
    let page = desk.support.get(&url).await;
    assert_eq!(page.one("#by-key td[data-column=requests]"), "60");
    let theirs = desk.house.owner.get("/w/default/developers/usage").await;
    for part in [".chart-sentence", "#sums", "#by-key", "#by-category"] {
        assert_eq!(page.one(part), theirs.one(part), "{part}");
    }
    assert!(theirs.has(".page-actions a") && !page.has(".page-actions"));
    // Every link stays below the account that is looked into.
    assert_eq!(page.attribute("#by-key th a", "href"), desk.key_url());
    assert_eq!(
        page.attribute(".plan-card a", "href"),
        format!("{}/usage", desk.url())
    );
    let category = page.attribute("#by-category th a", "href");
    assert_eq!(category, format!("{url}?category=production"));
    let narrowed = desk.support.get(&category).await;
    assert!(
        narrowed
            .one("#summary")
            .contains("Filter: Category: production")
    );
    assert_eq!(narrowed.attribute(".active-filters a", "href"), url);
    let summary = page.one("#summary");
    for words in [
        "Usage of Default in 30 days",
        "Requests: 60",
        "Failed: 6, 10%",
        &format!("Blog ingest ({}): 60 requests, 6 failed", desk.key.id),
        "imports: 12 with keys, 30 in the app",
        "Ticket: 4521",
    ] {
        assert!(summary.contains(words), "{words} in {summary}");
    }
    assert_eq!(noted(&desk, "usage"), 2);
}

#[tokio::test]
async fn the_plans_usage_is_the_customers_page() {
    let desk = Desk::new().await;
    desk.used();
    desk.open().await;
    let page = desk.support.get(&format!("{}/usage", desk.url())).await;
    let theirs = desk.house.owner.get("/account/usage").await;
    for part in ["h1", "[data-meter=imports]", "[data-places=imports]"] {
        assert_eq!(page.one(part), theirs.one(part), "{part}");
    }
    let summary = page.one("#summary");
    for words in ["Plan and usage of acme Ltd", "imports, Default: 42"] {
        assert!(summary.contains(words), "{words} in {summary}");
    }
    assert_eq!(noted(&desk, "plan"), 1);
    // Reached from the account, its workspaces, and the navigation.
    let account = desk.support.get(&desk.url()).await;
    for url in ["usage", "w/default/developers/usage"] {
        let link = format!("main a[href='{}/{url}']", desk.url());
        assert!(account.has(&link), "{link}");
    }
    let owners = desk.house.owner.get("/account/support").await;
    desk.support
        .get(&format!("{}/w/default/developers/usage", desk.url()))
        .await;
    let look = owners.attribute("tbody td a", "href");
    let looked = desk.house.owner.get(&look).await.one("#looked");
    for words in ["the plan and usage of acme Ltd", "the usage of Default"] {
        assert!(looked.contains(&format!("Looked at {words}")), "{looked}");
    }
}

fn noted(desk: &Desk, page: &str) -> i64 {
    desk.house.number(&format!(
        "select count(*) from audit_log where action = 'support.viewed'
             and after->>'page' = '{page}'"
    ))
}
