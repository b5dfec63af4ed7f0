//! What support staff see of an account, and that each view is noted.

use crate::dashboard::support::ADDRESS;
use crate::dashboard::support::Desk;

#[tokio::test]
async fn every_view_is_one_row_in_the_accounts_own_log() {
    let desk = Desk::new().await;
    desk.open().await;
    let mut views = 0;
    for page in desk.pages() {
        let answer = desk.support.get(&page).await;
        assert_eq!(answer.status, 200, "{page}: {}", answer.text);
        views += 1;
        assert_eq!(desk.noted("support.viewed"), views, "{page}");
        assert_eq!(
            answer.header("cache-control"),
            "no-store, private",
            "{page}"
        );
        assert!(answer.has(".support-band"), "{page}");
        assert!(!answer.one("#summary").is_empty(), "{page}");
    }
    let key = format!(
        "select count(*) from audit_log where action = 'support.viewed' and target_kind = 'key'
             and target_id = '{}' and target_label = 'Blog ingest' and after->>'ticket' = '4521'",
        desk.key.id
    );
    assert_eq!(desk.house.number(&key), 2);
    // What shows nothing is no view.
    let unknown = format!("{}/w/default/developers/keys/000000000000", desk.url());
    assert_eq!(desk.support.get(&unknown).await.status, 404);
    assert_eq!(desk.noted("support.viewed"), views);
}

#[tokio::test]
async fn addresses_are_masked_until_they_are_asked_for() {
    let desk = Desk::new().await;
    desk.open().await;
    for page in desk.pages() {
        let answer = desk.support.get(&page).await;
        assert!(!answer.text.contains(ADDRESS), "{page}");
    }
    let page = desk.support.get(&desk.request_url()).await;
    assert_eq!(page.one("[data-fact=ip]"), "203.0.113.x");
    let filtered = format!("{}/w/default/developers/logs?ip={ADDRESS}", desk.url());
    let page = desk.support.get(&filtered).await;
    assert!(page.one("main").contains("addresses are not shown to you"));
    assert!(!page.has("input[name=ip]"));

    assert_eq!(desk.press("addresses").await.status, 303);
    assert_eq!(desk.noted("support.addresses-shown"), 1);
    let page = desk.support.get(&desk.request_url()).await;
    assert_eq!(page.one("[data-fact=ip]"), ADDRESS);
    assert!(!page.one(".support-band").contains("Show addresses"));
}

#[tokio::test]
async fn a_request_is_explained_in_words_to_send_on() {
    let desk = Desk::new().await;
    desk.open().await;
    desk.house
        .execute("update api_keys set disabled_at = '2026-11-21 09:40:30'");
    let page = desk.support.get(&desk.request_url()).await;
    assert_eq!(page.one("[data-fact=state]"), "Expired then Disabled now");
    assert!(page.one("[data-step=expiry]").contains("Refused here"));
    let summary = page.one("#summary");
    for words in [
        &format!("Request: {}", desk.request),
        "Account: acme Ltd (acme), workspace Default",
        "Called: POST /v1/documents",
        "State of the key: Expired then, Disabled now",
        "Not expired: Refused here",
        "What would have made it pass: Create a similar key",
        "Ticket: 4521",
        "Caller: 203.0.113.x",
    ] {
        assert!(summary.contains(words), "{words} in {summary}");
    }
    assert!(page.has("button[data-copy-from=summary]"));
}

#[tokio::test]
async fn a_key_is_explained_by_its_life() {
    let desk = Desk::new().await;
    let disable = format!("{}/disable", desk.key.url());
    desk.house.owner.submit(&disable, &[]).await;
    desk.open().await;
    let page = desk.support.get(&desk.key_url()).await;
    let life = page.texts("[aria-labelledby=changes-title] li");
    assert_eq!(life.len(), 5, "{life:?}");
    for (line, words) in life.iter().zip([
        "will expire",
        "disabled the key",
        "created the key",
        "used it for the last time so far",
        "used it for the first time",
    ]) {
        assert!(line.contains(words), "{line}");
    }
    assert!(
        page.one("#summary")
            .contains("owner@acme.example disabled the key")
    );
    // Nothing that would change it.
    assert!(!page.has(".page-actions"));
    for form in page.texts("main form") {
        assert!(form.contains("Explain") || form.contains("Apply"), "{form}");
    }
}

#[tokio::test]
async fn nothing_can_be_taken_away_and_looks_are_no_changes() {
    let desk = Desk::new().await;
    desk.open().await;
    let developers = format!("{}/w/default/developers", desk.url());
    for file in [
        "keys.csv",
        "logs.csv",
        "logs.jsonl",
        "logs/tail",
        "usage.csv",
        "keys/new",
    ] {
        let path = format!("{developers}/{file}");
        let status = desk.support.get(&path).await.status;
        assert_eq!(status, 404, "{file}");
    }
    for file in ["logs.csv", "logs.jsonl"] {
        let path = format!("{}/{file}", desk.url());
        assert_eq!(desk.support.get(&path).await.status, 404, "{file}");
    }
    for page in desk.pages() {
        let text = desk.support.get(&page).await.text;
        assert!(!text.contains(".csv") && !text.contains(".jsonl"), "{page}");
        assert!(
            !text.contains("href=\"/w/") && !text.contains("href=\"/account"),
            "{page}"
        );
    }
    let page = desk.house.owner.get(&desk.key.url()).await;
    assert_eq!(page.texts("[aria-labelledby=changes-title] li").len(), 1);
}
