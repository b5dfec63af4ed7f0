//! The main job, end to end: set up, sign in, create, copy, call, watch, revoke, be refused.

use thirtyfour::Key;

use crate::browser::Place;
use crate::support::browser::Browser;
use crate::support::browser::Theme;

/// Looks at the page with axe in both themes; a fault names the page.
async fn assert_accessible(place: &Place, page: &str) {
    for theme in [Theme::Light, Theme::Dark] {
        place.browser.theme(theme).await;
        let faults = place.browser.axe().await;
        assert!(faults.is_empty(), "{page} in {theme:?}: {faults:#?}");
    }
    place.browser.theme(Theme::Light).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_whole_job_is_done_in_a_browser() {
    whole_job(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_whole_job_is_done_without_javascript() {
    whole_job(false).await;
}

async fn whole_job(scripts: bool) {
    let place = Place::fresh().await;
    let browser = &place.browser;
    if !scripts {
        browser.without_scripts().await;
    }
    browser.goto(&place.latchkey.set_up_link()).await;
    assert_accessible(&place, "set-up").await;
    place.set_up().await;
    place.sign_out().await;
    assert_accessible(&place, "sign-in").await;
    place.sign_in().await;
    assert_accessible(&place, "overview").await;

    place.goto("/w/default/developers/keys").await;
    assert_accessible(&place, "list without keys").await;
    let secret = create(&place, scripts).await;

    for header in [
        ("authorization", format!("Bearer {secret}")),
        ("authorization", format!("ApiKey {secret}")),
        ("x-api-key", secret.clone()),
    ] {
        let (status, body) = place.call((header.0, &header.1)).await;
        assert_eq!(status, 200, "{body}");
    }
    watch(&place, &secret).await;
    revoke(&place, &secret).await;

    let (status, body) = place.call(("x-api-key", &secret)).await;
    assert_eq!(
        (status, body.as_str()),
        (401, r#"{"error":"Inactive API Key"}"#)
    );
    place.goto("/no/such/page").await;
    assert_accessible(&place, "not found").await;
    place.browser.driver.clone().quit().await.unwrap();
}

/// From the list to the secret. Reload and back do not show it again or make a second key.
async fn create(place: &Place, scripts: bool) -> String {
    let browser = &place.browser;
    browser.click("main a[href$='/developers/keys/new']").await;
    browser.fill("#name", "Production backend").await;
    if scripts {
        assert!(
            browser.has("dialog[open] #name").await,
            "the form opens over the list"
        );
    }
    assert_accessible(place, "create").await;
    browser.click("[name=scope][value=full]").await;
    browser
        .click("form[action$='/keys/new'] [data-submit]")
        .await;
    let secret = browser.text("#secret").await;
    assert!(secret.starts_with("lk_"), "{secret}");
    assert_accessible(place, "reveal").await;

    browser.click("[data-stored]").await;
    browser.wait_for_text("h1", "Production backend").await;
    assert!(!browser.driver.source().await.unwrap().contains(&secret));
    assert_accessible(place, "key without calls").await;
    browser.driver.back().await.unwrap();
    let shown = browser.driver.source().await.unwrap();
    assert!(!scripts || !shown.contains(&secret), "the secret came back");
    place.goto("/w/default/developers/keys").await;
    assert_eq!(
        browser
            .driver
            .find_all(thirtyfour::By::Css("tbody tr"))
            .await
            .unwrap()
            .len(),
        1
    );
    secret
}

/// The calls appear in the key's log and chart.
async fn watch(place: &Place, secret: &str) {
    let id = &secret[3..15];
    let path = format!("/w/default/developers/keys/{id}");
    // Shipped within some seconds; the page itself is asked until it shows the row.
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    loop {
        place.goto(&path).await;
        if is_told_whole(&place.browser).await {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "no call appears");
    }
    let browser = &place.browser;
    assert!(
        browser
            .text("td[data-column=endpoint]")
            .await
            .contains("/api/documents")
    );
    assert_accessible(place, "key with calls").await;
    place.goto("/w/default/developers/keys").await;
    assert!(
        browser
            .text("td[data-label='Requests 30 days']")
            .await
            .contains('3')
    );
    assert_accessible(place, "list").await;
}

/// A call's row comes with its decision; its status and the chart may come with a later batch.
async fn is_told_whole(browser: &Browser) -> bool {
    browser.has("td[data-column=endpoint]").await
        && browser.text("td[data-column=status]").await.contains("200")
        && browser.text("figure").await.contains("3 requests")
}

/// By the row's menu, or without scripts by the key's page. The key was just used, so the last four letters are asked for.
async fn revoke(place: &Place, secret: &str) {
    let browser = &place.browser;
    place.goto("/w/default/developers/keys").await;
    let actions = "td[data-row-menu] button";
    if browser.has(actions).await {
        browser.click(actions).await;
        browser.click(".menu a[href$='/revoke']").await;
    } else {
        browser.click("tbody th a").await;
        browser.click("main a[href$='/revoke']").await;
    }
    browser.fill("#confirm", "xxxx").await;
    assert_accessible(place, "revoke").await;
    browser.click("form[action$='/revoke'] [data-submit]").await;
    browser.find("#confirm[aria-invalid=true]").await;
    browser.fill("#confirm", &secret[secret.len() - 4..]).await;
    browser.click("form[action$='/revoke'] [data-submit]").await;
    browser
        .wait_for_text("main", "Production backend is revoked")
        .await;
    place.goto("/w/default/developers/keys?view=ended").await;
    assert!(
        browser
            .text("td[data-label=Status]")
            .await
            .contains("Revoked")
    );
    assert_accessible(place, "ended keys").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_key_is_created_and_revoked_by_keyboard_alone() {
    let place = Place::fresh().await;
    place.set_up().await;
    place.goto("/w/default/developers/keys").await;
    let browser = &place.browser;
    tab_to(&place, "a[href$='/developers/keys/new']").await;
    browser.press(Key::Enter).await;
    browser.find("dialog[open] #name:focus").await;
    browser.press("Laptop").await;
    tab_to(&place, "[name=scope]").await;
    browser.press(" ").await;
    tab_to(&place, "form[action$='/keys/new'] [data-submit]").await;
    browser.press(Key::Enter).await;
    browser.find("#secret").await;
    tab_to(&place, "[data-stored]").await;
    browser.press(Key::Enter).await;
    browser.wait_for_text("h1", "Laptop").await;
    tab_to(&place, "main a[href$='/revoke']").await;
    browser.press(Key::Enter).await;
    browser.find("dialog[open] [data-dialog-close]:focus").await;
    tab_to(&place, "form[action$='/revoke'] [data-submit]").await;
    browser.press(Key::Enter).await;
    browser.wait_for_text("main", "Laptop is revoked").await;
    place.browser.driver.clone().quit().await.unwrap();
}

/// Tabs until the focus is on `css`; each stop must show its ring.
async fn tab_to(place: &Place, css: &str) {
    const STOPS_MAX: usize = 60;
    let browser = &place.browser;
    for _ in 0..STOPS_MAX {
        browser.press(Key::Tab).await;
        let ring = browser
            .run(
                "(() => { const e = document.activeElement; const s = getComputedStyle(e); \
                  return e === document.body || parseFloat(s.outlineWidth) >= 2; })()",
            )
            .await;
        assert_eq!(ring, true, "a stop without a ring on the way to {css}");
        let there = format!("document.activeElement.matches({css:?})");
        if browser.run(&there).await == true {
            return;
        }
    }
    panic!("Tab never comes to {css}");
}
