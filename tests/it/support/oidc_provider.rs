//! The npm package `oidc-provider` as a process of its own, like Google or like Microsoft.

use std::io::BufRead;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

use latchkey::domain::identity::Provider;

use crate::support::browser::Browser;
use crate::support::forger::CLIENT;
use crate::support::forger::SECRET;
use crate::support::process::Installation;

pub struct OidcProvider {
    provider: Provider,
    base: String,
    child: Child,
    /// Held open: it would end the provider to write where nobody reads.
    _output: BufReader<ChildStdout>,
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl OidcProvider {
    /// Started; it waits to be told where Latchkey is.
    pub fn start(provider: Provider) -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let library = ".tools/oidc-provider/node_modules/oidc-provider/lib/index.js";
        let library = root.join(library);
        assert!(library.exists(), "{}: run `make test`", library.display());
        let mut child = Command::new("node")
            .arg(root.join("tests/it/support/oidc_provider.mjs"))
            .arg(library)
            .arg(provider.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("node: {error}; run `make test`"));
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut base = String::new();
        output.read_line(&mut base).unwrap();
        let base = base.trim().to_owned();
        assert!(base.starts_with("http://localhost:"), "{base:?}");
        Self {
            provider,
            base,
            child,
            _output: output,
        }
    }

    /// Tells Latchkey of the provider, before it starts.
    pub fn set_up(&self, installation: &mut Installation) {
        let name = self.provider.as_str().to_uppercase();
        let issuer = match self.provider {
            Provider::Google => self.base.clone(),
            Provider::Microsoft => format!("{}/common/v2.0", self.base),
        };
        for (part, value) in [
            ("CLIENT_ID", CLIENT),
            ("CLIENT_SECRET", SECRET),
            ("ISSUER", issuer.as_str()),
        ] {
            installation.set(&format!("LATCHKEY_OIDC_{name}_{part}"), value);
        }
    }

    /// Tells the provider of Latchkey, once that has started.
    pub async fn register(&self, console: &str) {
        let back = format!("{console}/oidc/{}/callback", self.provider.as_str());
        let query = crate::support::callers::encoded(&[("redirect_uri", &back)]);
        let answer = reqwest::get(format!("{}/register?{query}", self.base)).await;
        assert_eq!(answer.unwrap().status(), 200);
    }

    /// The person types a login there, and agrees.
    pub async fn log_in(&self, browser: &Browser, login: &str) {
        browser.fill("input[name=login]", login).await;
        browser.fill("input[name=password]", "any").await;
        browser.click("button[type=submit]").await;
        browser.find("form input[name=prompt][value=consent]").await;
        browser.click("button[type=submit]").await;
    }
}
