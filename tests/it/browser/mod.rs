//! The console in a real Chromium, against the real binary and its private PostgreSQL.

mod display;
mod five_tasks;
mod forced;
mod foreign;
mod grants;
mod life;
mod logs;
mod looks;
mod members;
mod operator;
mod origins;
mod plan;
mod providers;
mod second_factor;
mod sound;
mod support;
mod whole_job;

use latchkey::cli::demo::sample_api::SampleApi;
use latchkey::domain::clock::SystemClock;

use crate::support::browser::Browser;
use crate::support::process::Installation;
use crate::support::process::Process;

const PASSWORD: &str = "nine violet lanterns hum";

/// A fresh installation with the sample API behind its gateway, and a browser before it.
struct Place {
    // Dropped in this order: the process before its directory.
    latchkey: Process,
    installation: Installation,
    _api: SampleApi,
    browser: Browser,
}

impl Place {
    async fn fresh() -> Self {
        Self::fresh_with(|_| ()).await
    }

    /// As `fresh`, with more in its environment.
    async fn fresh_with(set_up: impl FnOnce(&mut Installation)) -> Self {
        let api = SampleApi::start(SystemClock::shared()).unwrap();
        let mut installation = Installation::new();
        installation.set("LATCHKEY_UPSTREAM", &format!("http://{}", api.address));
        set_up(&mut installation);
        let latchkey = installation.serve();
        let browser = Browser::open().await;
        Self {
            latchkey,
            installation,
            _api: api,
            browser,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.latchkey.console())
    }

    async fn goto(&self, path: &str) {
        self.browser.goto(&self.url(path)).await;
    }

    /// Through the one-time link of an empty installation.
    async fn set_up(&self) {
        let browser = &self.browser;
        browser.goto(&self.latchkey.set_up_link()).await;
        browser.fill("#company", "Acme").await;
        browser.fill("#domain", "acme").await;
        browser.fill("#name", "Ada Byron").await;
        browser.fill("#email", "ada@acme.example").await;
        browser.fill("#password", PASSWORD).await;
        browser.click("main form [data-submit]").await;
        browser.wait_for_path_to_leave("/setup").await;
    }

    async fn sign_out(&self) {
        self.browser.click(".drop-end > summary").await;
        self.browser.click("form[action='/sign-out'] button").await;
        self.browser.find("#domain, #email").await;
    }

    /// By domain, e-mail and password, from wherever the sign-in begins.
    async fn sign_in(&self) {
        let browser = &self.browser;
        self.goto("/sign-in").await;
        if browser.has("#domain").await {
            browser.fill("#domain", "acme").await;
            browser.click("main form [data-submit]").await;
        }
        browser.fill("#email", "ada@acme.example").await;
        browser.fill("#password", PASSWORD).await;
        browser.click("main form [data-submit]").await;
        browser
            .find("nav a[href='/w/default/developers/keys']")
            .await;
    }

    /// One request through the gateway, and its status.
    async fn call(&self, header: (&str, &str)) -> (u16, String) {
        let url = format!("{}/api/documents", self.latchkey.gateway());
        let answer = reqwest::Client::new()
            .get(url)
            .header(header.0, header.1)
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}
