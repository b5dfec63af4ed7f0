//! Makes `docs/tour.md` and its pictures from a demo that was just started: `make tour`.

#[path = "../../tests/it/support/browser.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests use the rest, and stop where something fails"
)]
mod browser;
mod stops;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use crate::browser::Browser;
use crate::browser::Theme;
use crate::stops::STOPS;
use crate::stops::Step;
use crate::stops::Stop;

type Anything<T> = Result<T, Box<dyn std::error::Error>>;

/// Higher pages are cut: a picture shows a page, it does not replace it.
const HEIGHT_MAX: u64 = 1_250;
/// Long enough for some calls of the demo to be in the log.
const TRAFFIC: Duration = Duration::from_secs(20);

/// What the demo prints of itself.
struct Demo {
    process: Child,
    console: String,
    /// Domain and e-mail → password.
    passwords: HashMap<(String, String), String>,
    _data_dir: tempfile::TempDir,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let pid = self.process.id().to_string();
        // It stops its database too, if it is asked to.
        if Command::new("kill").arg(pid).status().is_ok() {
            self.process.wait().ok();
        }
    }
}

impl Demo {
    fn start() -> Anything<Self> {
        let data_dir = tempfile::Builder::new().prefix("lk").tempdir()?;
        // As root the database runs as another user, who must get through here.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(data_dir.path(), open)?;
        let binary = std::env::current_exe()?.with_file_name("../latchkey");
        let mut process = Command::new(binary)
            .arg("demo")
            .env("LATCHKEY_DATA_DIR", data_dir.path().join("data"))
            .env("LATCHKEY_LISTEN", "127.0.0.1:0")
            .env("LATCHKEY_API_LISTEN", "127.0.0.1:0")
            .env("LATCHKEY_GATEWAY_LISTEN", "127.0.0.1:0")
            .env("LATCHKEY_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()?;
        let said = process.stdout.take().ok_or("no output")?;
        let (mut console, mut passwords) = (None, HashMap::new());
        for line in BufReader::new(said).lines() {
            let line = line?;
            if line == "ready" {
                break;
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["console", "listening", "on", url] => console = Some((*url).to_owned()),
                [.., domain, email, password] if email.contains('@') => {
                    let person = ((*domain).to_owned(), (*email).to_owned());
                    passwords.insert(person, (*password).to_owned());
                }
                _ => {}
            }
        }
        Ok(Self {
            process,
            console: console.ok_or("the demo did not start")?,
            passwords,
            _data_dir: data_dir,
        })
    }

    async fn sign_in(&self, browser: &Browser, domain: &str, email: &str) -> Anything<()> {
        let person = (domain.to_owned(), email.to_owned());
        let password = self.passwords.get(&person).ok_or("nobody of this name")?;
        let page = format!("/sign-in/{domain}");
        browser.goto(&format!("{}{page}", self.console)).await;
        browser.fill("#email", email).await;
        browser.fill("#password", password).await;
        browser.click("main form [data-submit]").await;
        browser.wait_for_path_to_leave(&page).await;
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Anything<()> {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs");
    let demo = Demo::start()?;
    tokio::time::sleep(TRAFFIC).await;
    let mut text = stops::HEAD.to_owned();
    let mut signed_in = None;
    let mut browser = Browser::open().await;
    for stop in STOPS {
        if signed_in != Some(stop.who) {
            browser.driver.clone().quit().await?;
            browser = Browser::open().await;
            let (domain, email) = stop.who;
            let hidden = json!({"hidden": true});
            browser.tool("Emulation.setScrollbarsHidden", hidden).await;
            demo.sign_in(&browser, domain, email).await?;
            signed_in = Some(stop.who);
        }
        show(&demo, &browser, stop, &docs).await?;
        let Stop {
            title, words, file, ..
        } = stop;
        writeln!(
            text,
            "\n## {title}\n\n{words}\n\n![{title}](images/{file}.png)"
        )?;
    }
    browser.driver.clone().quit().await?;
    std::fs::write(docs.join("tour.md"), text)?;
    Ok(())
}

async fn show(demo: &Demo, browser: &Browser, stop: &Stop, docs: &Path) -> Anything<()> {
    browser
        .theme(if stop.dark { Theme::Dark } else { Theme::Light })
        .await;
    browser.width(stop.width).await;
    browser
        .goto(&format!("{}{}", demo.console, stop.path))
        .await;
    for step in stop.steps {
        match step {
            Step::Click(css) => browser.click(css).await,
            Step::Type(css, text) => browser.fill(css, text).await,
            Step::See(css) => drop(browser.find(css).await),
        }
    }
    browser.find("main h1").await;
    let height = browser.run("document.documentElement.scrollHeight").await;
    let height = height.as_u64().ok_or("no height")?.min(HEIGHT_MAX);
    let size =
        json!({"width": stop.width, "height": height, "deviceScaleFactor": 1, "mobile": false});
    browser
        .tool("Emulation.setDeviceMetricsOverride", size)
        .await;
    let file = docs.join(format!("images/{}.png", stop.file));
    browser.driver.screenshot(&file).await?;
    Ok(())
}
