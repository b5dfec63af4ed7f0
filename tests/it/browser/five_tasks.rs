//! What people do most with a key takes no more clicks than promised. Each begins at the list.

use std::cell::Cell;

use thirtyfour::Key;

use crate::browser::Place;
use crate::support::browser::Browser;

const LIST: &str = "/w/default/developers/keys";

/// A hand that counts.
struct Hand<'a> {
    browser: &'a Browser,
    clicks: Cell<u32>,
    enters: Cell<u32>,
}

impl<'a> Hand<'a> {
    async fn at_the_list(place: &'a Place) -> Self {
        place.goto(LIST).await;
        Self {
            browser: &place.browser,
            clicks: Cell::new(0),
            enters: Cell::new(0),
        }
    }

    async fn click(&self, css: &str) {
        self.clicks.set(self.clicks.get() + 1);
        self.browser.click(css).await;
    }

    /// Once `css` has the focus by itself.
    async fn enter(&self, css: &str) {
        self.browser.find(&format!("{css}:focus")).await;
        self.enters.set(self.enters.get() + 1);
        self.browser.press(Key::Enter).await;
    }

    /// The row's menu, then its item.
    async fn choose(&self, key: &str, action: &str) {
        self.click(&format!("button[aria-label='Actions for {key}']"))
            .await;
        let open = ".menu:popover-open";
        self.click(&format!("{open} a[href$='/{action}']")).await;
        self.browser.find("dialog[open] #dialog-title").await;
    }

    #[track_caller]
    fn took_at_most(&self, clicks: u32, enters: u32) {
        let taken = (self.clicks.get(), self.enters.get());
        assert!(
            taken.0 <= clicks && taken.1 <= enters,
            "{taken:?} clicks and Enters, not {clicks} and {enters}"
        );
    }
}

/// Create, copy, leave. The scope, which nobody chooses for people, is taken with Tab and Space.
async fn create(place: &Place, name: &str) -> String {
    let hand = Hand::at_the_list(place).await;
    hand.click("main a[href$='/developers/keys/new']").await;
    hand.browser.find("dialog[open] #name:focus").await;
    hand.browser.press(name).await;
    while hand
        .browser
        .run("document.activeElement.name !== 'scope'")
        .await
        == true
    {
        hand.browser.press(Key::Tab).await;
    }
    hand.browser.press(" ").await;
    hand.enter("[name=scope]").await;
    let secret = copied(&hand).await;
    hand.click("[data-stored]").await;
    hand.browser.wait_for_text("h1", name).await;
    hand.took_at_most(2, 2);
    secret
}

/// Enter on the button that has the focus copies what the page shows.
async fn copied(hand: &Hand<'_>) -> String {
    let secret = hand.browser.text("#secret").await;
    hand.enter("[data-copy-from=secret]").await;
    hand.browser
        .wait_for_text("[data-copy-from=secret]", "Copied")
        .await;
    secret
}

async fn rotate(place: &Place, name: &str) -> String {
    let hand = Hand::at_the_list(place).await;
    hand.choose(name, "rotate").await;
    hand.browser
        .find("dialog[open] [name=overlap][value='24h']:checked")
        .await;
    hand.click("dialog[open] form[action$='/rotate'] [data-submit]")
        .await;
    let secret = copied(&hand).await;
    hand.click("[data-stored]").await;
    hand.browser.wait_for_text("h1", "Rotating").await;
    hand.took_at_most(4, 1);
    secret
}

/// Until the list knows that the key is in use.
async fn wait_until_used(place: &Place) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    loop {
        place.goto(LIST).await;
        if !place
            .browser
            .text("td[data-label='Last used']")
            .await
            .contains("Never")
        {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "no call appears");
    }
}

async fn why_it_fails(place: &Place, reason: &str) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    loop {
        let hand = Hand::at_the_list(place).await;
        hand.click("tbody th a").await;
        let log = "#requests tbody tr";
        hand.browser.find(log).await;
        hand.took_at_most(3, 0);
        if hand.browser.text(log).await.contains(reason) {
            return;
        }
        let late = std::time::Instant::now() > deadline;
        assert!(!late, "{}", hand.browser.text(log).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn each_task_takes_no_more_clicks_than_promised() {
    let place = Place::fresh().await;
    place.set_up().await;
    let first = create(&place, "Busy").await;
    assert_eq!(place.call(("x-api-key", &first)).await.0, 200);
    wait_until_used(&place).await;

    let second = rotate(&place, "Busy").await;
    assert_ne!(first, second);
    for secret in [&first, &second] {
        assert_eq!(place.call(("x-api-key", secret)).await.0, 200);
    }

    let id = &first[3..15];
    place.goto(&format!("{LIST}/{id}/disable")).await;
    place
        .browser
        .click("form[action$='/disable'] [data-submit]")
        .await;
    place.browser.find("form[action$='/enable']").await;
    assert_eq!(place.call(("x-api-key", &second)).await.0, 401);
    why_it_fails(&place, "key disabled").await;
    place.browser.click("form[action$='/enable'] button").await;
    place.browser.wait_for_text("main", "is enabled").await;

    // In use: the last four letters, and Enter in their field.
    let hand = Hand::at_the_list(&place).await;
    hand.choose("Busy", "revoke").await;
    hand.click("dialog[open] #confirm").await;
    hand.browser.press(&second[second.len() - 4..]).await;
    hand.enter("#confirm").await;
    hand.browser.wait_for_text("main", "Busy is revoked").await;
    hand.took_at_most(3, 1);

    create(&place, "Idle").await;
    let hand = Hand::at_the_list(&place).await;
    hand.choose("Idle", "revoke").await;
    hand.click("dialog[open] form[action$='/revoke'] [data-submit]")
        .await;
    hand.browser.wait_for_text("main", "Idle is revoked").await;
    hand.took_at_most(3, 0);
    place.browser.driver.clone().quit().await.unwrap();
}
