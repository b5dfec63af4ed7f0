//! A real mail server, of another maker, that shows what it takes.

use std::io::BufRead;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use latchkey::config::MailConfig;
use latchkey::config::SmtpConfig;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::sync::mpsc;

/// How long a letter may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct SmtpSink {
    child: Child,
    port: u16,
    letters: Mutex<mpsc::UnboundedReceiver<String>>,
}

/// What arrived.
#[derive(Debug, Deserialize)]
pub struct Arrived {
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Arrived {
    /// The path and query of the only link.
    pub fn path(&self) -> String {
        let mut links = self.text.split_whitespace().filter(|w| w.contains("://"));
        let (Some(link), None) = (links.next(), links.next()) else {
            panic!("not one link: {}", self.text);
        };
        let url: reqwest::Url = link.parse().unwrap();
        url[url::Position::BeforePath..].to_owned()
    }
}

impl SmtpSink {
    /// Takes everything.
    pub fn open() -> Self {
        Self::start(&["0"])
    }

    /// Asks for so many letters to be sent again later, and then takes everything.
    pub fn putting_off(letters: u32) -> Self {
        Self::start(&[&letters.to_string()])
    }

    /// Refuses everything for good, and says the letter's link in its answer.
    pub fn refusing() -> Self {
        Self::start(&["0", "refuse"])
    }

    fn start(arguments: &[&str]) -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new("python3")
            .arg(root.join("tests/it/support/smtp_sink.py"))
            .args(arguments)
            .env("PYTHONPATH", root.join(".tools/aiosmtpd"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("python3: {error}; run `make test`"));
        let output = BufReader::new(child.stdout.take().unwrap());
        let (tell, letters) = mpsc::unbounded_channel();
        let (tell_port, told_port) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = output.lines().map_while(Result::ok);
            tell_port.send(lines.next()).ok();
            lines.try_for_each(|line| tell.send(line)).ok();
        });
        let port = told_port.recv_timeout(PATIENCE).unwrap();
        let port = port.and_then(|line| line.parse().ok());
        let port = port.unwrap_or_else(|| panic!("no aiosmtpd; run `make test`"));
        Self {
            child,
            port,
            letters: Mutex::new(letters),
        }
    }

    /// A Latchkey that sends its letters here.
    pub fn config(&self) -> MailConfig {
        MailConfig {
            smtp: Some(SmtpConfig {
                url: format!("smtp://127.0.0.1:{}", self.port).into(),
                from: "Latchkey <keys@example.com>".parse().unwrap(),
            }),
        }
    }

    /// The next letter to arrive.
    pub async fn letter(&self) -> Arrived {
        let mut letters = self.letters.lock().await;
        let line = tokio::time::timeout(PATIENCE, letters.recv()).await;
        let line = line.unwrap_or_else(|_| panic!("no letter arrives"));
        serde_json::from_str(&line.unwrap()).unwrap()
    }

    /// Whether nothing has arrived that was not looked at.
    pub fn is_empty(&self) -> bool {
        self.letters.try_lock().unwrap().is_empty()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
