//! `/me/display` as a browser shows it, and what it changes there.

use crate::browser::Place;
use crate::browser::sound::looks;

const KEYS: &str = "/w/default/developers/keys";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn theme_density_and_shortcuts_are_as_they_were_chosen() {
    let place = Place::fresh().await;
    place.set_up().await;
    let browser = &place.browser;
    let row = "document.querySelector('main tbody td').offsetHeight";
    let dark = "getComputedStyle(document.documentElement).colorScheme";
    let typed = "document.body.dispatchEvent(new KeyboardEvent('keydown', \
                 {key: '/', bubbles: true})), document.activeElement.name === 'q'";
    place.goto("/operator/plans").await;
    let tall = browser.run(row).await.as_i64().unwrap();
    place.goto(KEYS).await;
    assert_eq!(browser.run(typed).await, true, "the search has the focus");

    browser.click(".drop-end > summary").await;
    browser.click(".drop-links a[href='/me/display']").await;
    browser.wait_for_text("h1", "Display").await;
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        place.sound("display", look).await;
    }
    browser.width(1280).await;
    for choice in ["#theme-dark", "#density-compact", "#shortcuts-off"] {
        browser.click(choice).await;
    }
    browser.click("main form [data-submit]").await;
    browser
        .wait_for_text("main", "Saved for this browser.")
        .await;
    assert_eq!(browser.run(dark).await, "dark");
    place.goto("/operator/plans").await;
    let compact = browser.run(row).await.as_i64().unwrap();
    assert!(compact < tall, "{compact} of {tall} pixels");
    place.goto(KEYS).await;
    assert_eq!(browser.run(typed).await, false, "the keys do nothing");
    assert!(!browser.has("[data-shortcut-help]:not([hidden])").await);
    browser.driver.clone().quit().await.unwrap();
}
