//! The real binary as a process of its own, on ports of its choice.

use std::collections::HashMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::app::PASSWORD;

/// How long a start may take on a busy machine.
const START_PATIENCE: Duration = Duration::from_mins(1);

/// A data directory and the environment that every process on it gets.
pub struct Installation {
    directory: TempDir,
    environment: Vec<(String, String)>,
}

impl Installation {
    /// An empty one, with a private PostgreSQL.
    pub fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("lk").tempdir().unwrap();
        // As root the server runs as another user, who must get through here.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(directory.path(), open).unwrap();
        let environment = [
            "LATCHKEY_LISTEN",
            "LATCHKEY_API_LISTEN",
            "LATCHKEY_GATEWAY_LISTEN",
        ]
        .map(|name| (name.to_owned(), "127.0.0.1:0".to_owned()));
        let mut installation = Self {
            directory,
            environment: environment.to_vec(),
        };
        let data_dir = installation.data_dir().display().to_string();
        installation.set("LATCHKEY_DATA_DIR", &data_dir);
        installation
    }

    pub fn data_dir(&self) -> std::path::PathBuf {
        self.directory.path().join("data")
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        let kept = ["PATH", "HOME", "LATCHKEY_PG_BIN", "LATCHKEY_PG_USER"];
        let kept = kept
            .into_iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        command
            .args(arguments)
            .env_clear()
            .envs(kept)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.directory.path());
        command
    }

    /// Runs a command to its end with `input` on its standard input.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    }

    /// The first line that a successful command prints.
    pub fn line(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    /// Acme, and Ada, who owns it.
    pub fn create_account(&self) {
        let command = "account create --domain acme --name Acme --owner-email ada@acme.example";
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.push("--password-stdin");
        self.line(&arguments, PASSWORD);
    }

    /// Serves until the process is stopped or dropped.
    pub fn serve(&self) -> Process {
        Process::start(self.command(&["serve"]))
    }
}

pub struct Process {
    child: Child,
    /// `console`, `api`, `gateway` → base URL.
    addresses: HashMap<String, String>,
    pub lines: Vec<String>,
}

impl Process {
    /// Waits until the console and the API say that they listen.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| tell.send(line))
                .ok();
        });
        let mut process = Self {
            child,
            addresses: HashMap::new(),
            lines: Vec::new(),
        };
        while !process.lines.iter().any(|line| line == "ready") {
            match told.recv_timeout(START_PATIENCE) {
                Ok(line) => process.heard(line),
                Err(RecvTimeoutError::Timeout) => panic!("not ready: {:?}", process.lines),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended: {:?} {:?}", process.child.wait(), process.lines)
                }
            }
        }
        process
    }

    fn heard(&mut self, line: String) {
        if let Some((name, url)) = line.split_once(" listening on ") {
            self.addresses.insert(name.to_owned(), url.to_owned());
        }
        self.lines.push(line);
    }

    pub fn console(&self) -> &str {
        &self.addresses["console"]
    }

    pub fn api(&self) -> &str {
        &self.addresses["api"]
    }

    pub fn gateway(&self) -> &str {
        &self.addresses["gateway"]
    }

    /// The one-time link of an installation without an account.
    pub fn set_up_link(&self) -> String {
        let line = self
            .lines
            .iter()
            .find(|line| line.contains("/setup?token="));
        let line = line.unwrap();
        line[line.find("http").unwrap()..].to_owned()
    }

    /// SIGTERM, and how the process ended.
    pub fn stop(mut self) -> std::process::ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}
