//! The support desk as a browser shows it: from what was pasted to words for the ticket.

use serde_json::json;

use crate::browser::Place;
use crate::browser::logs::CALLS;
use crate::browser::logs::make_key;
use crate::browser::sound::looks;

const KEY: &str = "Interminable";

/// Finds the account and says why; its address.
async fn open_account(place: &Place) -> String {
    let browser = &place.browser;
    place.goto("/support").await;
    browser.fill("#q", "acme").await;
    browser.click(".desk-search button").await;
    browser.fill("#ticket", "4521").await;
    browser.click("#reason option[value=refusals]").await;
    browser.click("main form [data-submit]").await;
    browser.find(".support-band").await;
    let url = browser.url().await;
    let at = url.find("/support/").unwrap();
    url[at..].to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn from_what_was_pasted_to_words_for_the_ticket() {
    let place = Place::fresh().await;
    place.set_up().await;
    let secret = make_key(&place, "Widget", "widget").await;
    assert_eq!(place.call(("x-api-key", &secret)).await.0, 403);
    let browser = &place.browser;
    // What the customer pasted holds the whole secret: it never leaves the browser.
    place.goto("/support").await;
    browser.fill("#q", &secret).await;
    browser.click(".desk-search button").await;
    browser.find("#ticket").await;
    assert!(!browser.url().await.contains(&secret[20..]));
    browser.fill("#ticket", "4521").await;
    browser.click("#reason option[value=refusals]").await;
    browser.click("main form [data-submit]").await;
    browser.find(".support-band").await;
    assert!(browser.text("h1").await.starts_with("Widget"));
    // In the log within seconds.
    let row = "#requests tbody td[data-column=request] a";
    for _ in 0..240 {
        if browser.has(row).await {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        let url = browser.url().await;
        browser.goto(&url).await;
    }
    browser.click(row).await;
    browser.find("[data-step=grant]").await;
    let summary = browser.text("#summary").await;
    for words in ["403", "Scope: Refused here", "Ticket: 4521", "127.0.0.x"] {
        assert!(summary.contains(words), "{words} in {summary}");
    }
    let copied = copied(&place).await;
    assert_eq!(copied, summary_text(&place).await);
    let lines: Vec<&str> = copied.lines().collect();
    assert!(lines[0].starts_with("Request: req_"), "{copied}");
    assert!(lines.contains(&"Ticket: 4521"), "{copied}");
    assert!(!copied.contains(&secret) && !copied.contains("127.0.0.1"));
    browser
        .click(".support-band form[action$='/end'] button")
        .await;
    browser
        .wait_for_text(".flash", "You no longer look into")
        .await;
    browser.driver.clone().quit().await.unwrap();
}

/// What "Copy summary for ticket" leaves for the next program: a field that it is pasted into.
async fn copied(place: &Place) -> String {
    let browser = &place.browser;
    let kinds = ["clipboardReadWrite", "clipboardSanitizedWrite"];
    browser
        .tool("Browser.grantPermissions", json!({"permissions": kinds}))
        .await;
    browser.run("navigator.clipboard.writeText('')").await;
    browser
        .click(".support-band [data-copy-from=summary]")
        .await;
    browser
        .wait_for_text("[data-copy-from=summary]", "Copied")
        .await;
    assert_eq!(browser.text("[data-status]").await, "Copied");
    let kinds = "navigator.clipboard.read().then((items) => items.flatMap((one) => one.types))";
    assert_eq!(browser.run(kinds).await, json!(["text/plain"]));
    let text = browser.run("navigator.clipboard.readText()").await;
    text.as_str().unwrap().to_owned()
}

async fn summary_text(place: &Place) -> String {
    let text = "document.getElementById('summary').textContent";
    let text = place.browser.run(text).await;
    text.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_desk_holds_in_both_themes_and_widths_without_scripts() {
    let place = Place::fresh().await;
    place.set_up().await;
    make_key(&place, &KEY.repeat(16), "full").await;
    place.fill(CALLS);
    let browser = &place.browser;
    browser.without_scripts().await;
    let account = open_account(&place).await;
    place
        .goto(&format!("{account}/w/default/developers/keys"))
        .await;
    let key = browser.find("tbody th a").await;
    let key = key.attr("href").await.unwrap().unwrap();
    let logs = format!("{account}/w/default/developers/logs");
    let pages = [
        ("desk", "/support".to_owned(), "What can be found"),
        (
            "desk-hits",
            "/support?q=nobody".to_owned(),
            "Nothing matches",
        ),
        (
            "desk-address",
            "/support?q=203.0.113.9".to_owned(),
            "Nothing matches",
        ),
        ("desk-looks", "/support/sessions".to_owned(), "Open"),
        ("desk-account", account.clone(), "Workspaces"),
        (
            "desk-keys",
            format!("{account}/w/default/developers/keys"),
            "API keys",
        ),
        ("desk-key", key.clone(), "limit reached"),
        (
            "desk-call",
            format!("{key}/explain?method=GET&path=%2Fv1%2Fx"),
            "Each step",
        ),
        ("desk-logs", logs, "Newest calls"),
        ("desk-all-logs", format!("{account}/logs"), "Newest calls"),
        ("desk-plan", format!("{account}/usage"), "Plan and usage of"),
        (
            "desk-usage",
            format!("{account}/w/default/developers/usage"),
            "All 30 days",
        ),
        (
            "desk-disable",
            format!("{key}/emergency-disable"),
            "What is the emergency?",
        ),
        ("access", "/account/support".to_owned(), "Ask me first"),
    ];
    for (name, path, words) in &pages {
        for look in looks(&[1280, 375]) {
            place.look(look).await;
            place.goto(path).await;
            let text = browser.text("main").await;
            assert!(text.contains(words), "{name}: {text}");
            place.sound(name, look).await;
        }
    }
    over_the_rest(&place, &account).await;
    browser.driver.clone().quit().await.unwrap();
}

/// What was looked at, and the account when the look is over.
async fn over_the_rest(place: &Place, account: &str) {
    let browser = &place.browser;
    place.goto("/account/support").await;
    browser.click("tbody td a").await;
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        browser.find("#looked").await;
        place.sound("access-looks", look).await;
    }
    place.goto(account).await;
    browser
        .click(".support-band form[action$='/end'] button")
        .await;
    browser.find(".flash").await;
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        place.goto(&format!("{account}/open")).await;
        place.sound("desk-open", look).await;
    }
}
