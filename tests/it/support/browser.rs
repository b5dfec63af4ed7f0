//! A real Chromium, driven through its own driver.

use std::cell::Cell;
use std::io::BufRead;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use thirtyfour::TypingData;
use thirtyfour::prelude::*;

/// How long a page may take to show what a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

pub struct Browser {
    pub driver: WebDriver,
    scripted: Cell<bool>,
}

impl Browser {
    /// A fresh profile, 1280 pixels wide, light, with scripts.
    pub async fn open() -> Self {
        let mut options = DesiredCapabilities::chrome();
        for argument in ARGUMENTS {
            options.add_arg(argument).unwrap();
        }
        let driver = WebDriver::new(driver_url(), options).await.unwrap();
        let browser = Self {
            driver,
            scripted: Cell::new(true),
        };
        browser.width(1280).await;
        browser
    }

    pub async fn width(&self, pixels: u32) {
        self.size(pixels, 900).await;
    }

    pub async fn size(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.tool("Emulation.setDeviceMetricsOverride", size).await;
    }

    pub async fn theme(&self, theme: Theme) {
        let value = if theme == Theme::Dark {
            "dark"
        } else {
            "light"
        };
        self.media("prefers-color-scheme", value).await;
    }

    /// In the few colours that the reader's system has, until a theme is chosen.
    pub async fn forced_colours(&self) {
        self.media("forced-colors", "active").await;
    }

    async fn media(&self, name: &str, value: &str) {
        let features = json!([{"name": name, "value": value}]);
        self.tool("Emulation.setEmulatedMedia", json!({"features": features}))
            .await;
    }

    /// From the next page on.
    pub async fn without_scripts(&self) {
        self.scripted.set(false);
        self.scripts(false).await;
    }

    async fn scripts(&self, on: bool) {
        let parameters = json!({"value": !on});
        self.tool("Emulation.setScriptExecutionDisabled", parameters)
            .await;
    }

    pub async fn tool(&self, command: &str, parameters: Value) -> Value {
        self.driver
            .cdp()
            .send_raw(command, parameters)
            .await
            .unwrap()
    }

    pub async fn goto(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
    }

    pub async fn url(&self) -> String {
        self.driver.current_url().await.unwrap().to_string()
    }

    /// The first element that matches, once it is there.
    pub async fn find(&self, css: &str) -> WebElement {
        let query = self.driver.query(By::Css(css)).wait(PATIENCE, POLL);
        match query.first().await {
            Ok(element) => element,
            Err(error) => {
                let page = self.driver.source().await.unwrap_or_default();
                panic!("no {css} at {}: {error}\n{page}", self.url().await)
            }
        }
    }

    pub async fn has(&self, css: &str) -> bool {
        !self.driver.find_all(By::Css(css)).await.unwrap().is_empty()
    }

    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Keys go to whatever has the focus.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        self.driver
            .action_chain()
            .send_keys(keys)
            .perform()
            .await
            .unwrap();
    }

    /// Waits until `css` shows a text with `part` in it.
    pub async fn wait_for_text(&self, css: &str, part: &str) {
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            let elements = self.driver.find_all(By::Css(css)).await.unwrap_or_default();
            for element in &elements {
                if element.text().await.is_ok_and(|text| text.contains(part)) {
                    return;
                }
            }
            let late = std::time::Instant::now() > deadline;
            assert!(!late, "{css} never shows {part:?} at {}", self.url().await);
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until the address has another path than `path`.
    pub async fn wait_for_path_to_leave(&self, path: &str) {
        let deadline = std::time::Instant::now() + PATIENCE;
        while self.driver.current_url().await.unwrap().path() == path {
            let late = std::time::Instant::now() > deadline;
            assert!(
                !late,
                "still at {path}:\n{}",
                self.driver.source().await.unwrap()
            );
            tokio::time::sleep(POLL).await;
        }
    }

    /// Runs a script's text in the page, whatever the page's own policy says.
    pub async fn run(&self, script: &str) -> Value {
        let answer = self
            .tool(
                "Runtime.evaluate",
                json!({
                    "expression": script, "awaitPromise": true, "returnByValue": true,
                    "allowUnsafeEvalBlockedByCSP": true,
                }),
            )
            .await;
        let fault = &answer["exceptionDetails"];
        assert!(fault.is_null(), "{fault}");
        answer["result"]["value"].clone()
    }

    /// What axe finds wrong with the page, one line each; nothing if it is well.
    pub async fn axe(&self) -> Vec<String> {
        // Without scripts there would be no axe either; the page's own have had their chance.
        self.scripts(true).await;
        self.run(axe_source()).await;
        let found = self
            .run(
                "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', \
                 'wcag22aa', 'best-practice'], rules: {'target-size': {enabled: true}}}).then( \
                 r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + \
                 n.target.join(' ') + ' ' + (n.any[0]?.message ?? v.help))))",
            )
            .await;
        self.scripts(self.scripted.get()).await;
        serde_json::from_value(found).unwrap()
    }
}

/// axe-core as `make test` installs it. Missing is a failure, never a skip.
fn axe_source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let tools = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".tools");
        let path = tools.join("node_modules/axe-core/axe.min.js");
        std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}; run `make test`", path.display()))
    })
}

/// One chromedriver for the whole run, on a port of its choice. It ends with its starting thread,
/// which is kept for as long as this process lives.
fn driver_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut child = Command::new("setpriv")
                .args(["--pdeathsig", "TERM", "chromedriver", "--port=0"])
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap_or_else(|error| panic!("chromedriver: {error}; run `make test`"));
            let output = BufReader::new(child.stdout.take().unwrap());
            for line in output.lines().map_while(Result::ok) {
                if let Some(port) = line.split("successfully on port ").nth(1) {
                    let port = port.trim().trim_end_matches('.');
                    tell.send(format!("http://127.0.0.1:{port}")).unwrap();
                }
            }
            child.wait().unwrap();
        });
        told.recv_timeout(PATIENCE).unwrap()
    })
}
