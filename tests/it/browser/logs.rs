//! The log as a browser shows it, of calls that were really made.

use crate::browser::Place;
use crate::browser::sound::looks;

const LOGS: &str = "/w/default/developers/logs";

/// Names of 200 letters, long paths and addresses; one refusal of each kind.
pub const CALLS: &str = "
create table if not exists request_log_rest partition of request_log default;
insert into log_texts (kind, value, seen_on) values
    (1, '/v1/' || repeat('documents/', 20), now()), (1, '/v1/query', now()),
    (2, 'Mozilla/5.0 ' || repeat('x', 200), now()), (3, 'then', now()) on conflict do nothing;
insert into request_log (at, account_id, workspace_id, path_id, agent_id, name_id, credits,
    duration_us, status, code, method, surface, generation, key_id, request_id, ip)
select now() - n * interval '1 second', k.account_id, k.workspace_id,
    (select id from log_texts where kind = 1 and value like case when n % 3 = 0 then '%documents/' else '%query' end),
    (select id from log_texts where kind = 2 and value like 'Mozilla%' limit 1),
    (select id from log_texts where kind = 3 and value = 'then'), n, n * 1000,
    case when n % 4 = 0 then 401 else 200 end, case when n % 4 = 0 then 12 else 0 end, 3, 3, 1, k.id,
    'req_' || lpad(n::text, 16, 'A'), case when n % 2 = 0 then '2001:db8:85a3:8d3:1319:8a2e:370:7348'::inet else '203.0.113.9'::inet end
from api_keys k, generate_series(1, 60) n;
insert into usage_daily (account_id, workspace_id, key_id, day, requests, failed, credits)
select account_id, workspace_id, id, (now() at time zone 'UTC')::date - n, 60, 15, 60
from api_keys, generate_series(0, 1) n on conflict do nothing;
insert into outcomes_hourly select account_id, workspace_id, date_trunc('hour', now()), id, outcome, 1000 * outcome
from api_keys, unnest(array[5, 11, 12, 13, 14, 21, 404, 502]) outcome;
";

pub(super) async fn make_key(place: &Place, name: &str, scope: &str) -> String {
    let browser = &place.browser;
    place.goto("/w/default/developers/keys/new").await;
    browser.fill("#name", name).await;
    browser.click(&format!("[name=scope][value={scope}]")).await;
    browser.click("main form [data-submit]").await;
    browser.text("#secret").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_log_holds_in_both_themes_and_widths_without_scripts() {
    let place = Place::fresh().await;
    place.set_up().await;
    make_key(&place, &"Interminable".repeat(16), "full").await;
    let browser = &place.browser;
    browser.without_scripts().await;
    let pages = [
        ("logs-empty", LOGS.to_owned(), "No calls yet"),
        ("logs", LOGS.to_owned(), "11,000 × total limit reached"),
        (
            "logs-none",
            format!("{LOGS}?code=503&slow=7&category=production"),
            "No calls match",
        ),
        (
            "logs-faults",
            format!("{LOGS}?ip=here&code=x&from=soon&req=1"),
            "There is a problem",
        ),
        ("logs-account", "/account/logs?range=24h".to_owned(), "Logs"),
        (
            "log-retention",
            "/account/settings/logs".to_owned(),
            "This installation keeps them",
        ),
    ];
    for (name, path, words) in &pages {
        if *name == "logs" {
            place.fill(CALLS);
        }
        for look in looks(&[1280, 375]) {
            place.look(look).await;
            place.goto(path).await;
            let text = browser.text("main").await;
            assert!(text.contains(words), "{name}: {text}");
            place.sound(name, look).await;
        }
    }
    browser.driver.clone().quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_audit_log_holds_in_both_themes_and_widths_without_scripts() {
    let place = Place::fresh().await;
    place.set_up().await;
    make_key(&place, &"Interminable".repeat(16), "full").await;
    let browser = &place.browser;
    browser.without_scripts().await;
    let audit = "/w/default/audit";
    let pages = [
        ("audit", audit.to_owned(), "created the key"),
        (
            "audit-none",
            format!("{audit}?actor=nobody"),
            "Nothing matches",
        ),
        (
            "audit-faults",
            format!("{audit}?from=soon"),
            "There is a problem",
        ),
        ("audit-account", "/account/audit".to_owned(), "signed in"),
    ];
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        for (name, path, words) in &pages {
            place.goto(path).await;
            let text = browser.text("main").await;
            assert!(text.contains(words), "{name}: {text}");
            place.sound(name, look).await;
        }
        place.goto(&format!("{audit}?what=keys")).await;
        browser.click("tbody th a").await;
        browser.wait_for_text("h1", "created the key").await;
        place.sound("audit-entry", look).await;
    }
    browser.driver.clone().quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_call_shows_up_while_one_watches_and_its_page_tells_why_it_was_refused() {
    let place = Place::fresh().await;
    place.set_up().await;
    let browser = &place.browser;
    let secret = make_key(&place, "Widget", "widget").await;
    let header = ("x-api-key", secret.as_str());
    assert_eq!(place.call(header).await.0, 403);
    // In the log within seconds.
    let row = ".log-table td[data-column=status]";
    for _ in 0..40 {
        place.goto(LOGS).await;
        if browser.has(row).await {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    browser.click("[data-tail] button").await;
    browser
        .wait_for_text("[data-tail] [role=status]", "Watching")
        .await;
    assert_eq!(place.call(header).await.0, 403);
    browser.find(".log-table tr.log-new").await;
    browser
        .wait_for_text("[data-tail] [role=status]", "1 new")
        .await;
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        place.sound("logs-live", look).await;
    }
    browser.click("[data-tail] button").await;
    browser
        .wait_for_text("[data-tail] [role=status]", "Paused")
        .await;
    browser.width(1280).await;

    browser
        .click(".log-table tr:first-child td[data-column=request] a")
        .await;
    browser.find("[data-step=grant]").await;
    let told = browser.text("[data-step=grant]").await;
    assert!(
        told.contains("Refused here") && told.contains("documents:read"),
        "{told}"
    );
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        place.sound("request", look).await;
    }
    browser.driver.clone().quit().await.unwrap();
}
