//! Starting a proxy with a configuration out of the guide.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use crate::support::edge::TestEdge;
use crate::support::upstream::Upstream;

const GUIDE: &str = include_str!("../../../../docs/connecting.md");

/// Latchkey, an API, a port for the proxy, and a directory for its files.
pub struct Setting {
    pub edge: TestEdge,
    pub upstream: Upstream,
    port: u16,
    directory: tempfile::TempDir,
}

pub struct Proxy {
    child: Child,
    port: u16,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Proxy {
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Setting {
    pub async fn new() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            edge: TestEdge::start(),
            upstream: Upstream::echo().await,
            port: free.local_addr().unwrap().port(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// The guide's block in this language, with the addresses of this setting.
    fn block(&self, language: &str) -> String {
        let (_, rest) = GUIDE.split_once(&format!("```{language}\n")).unwrap();
        let (block, _) = rest.split_once("\n```").unwrap();
        let upstream = self.upstream.url.strip_prefix("http://").unwrap();
        block
            .replace("127.0.0.1:8081", &self.edge.api.to_string())
            .replace("127.0.0.1:3000", upstream)
            .replace("8080", &self.port.to_string())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    async fn start(&self, command: &mut Command) -> Proxy {
        let output = fs::File::create(self.directory.path().join("output")).unwrap();
        let errors = output.try_clone().unwrap();
        let child = command
            .current_dir(self.directory.path())
            .env("HOME", self.directory.path())
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}; run `make test`"));
        let port = self.port;
        let mut proxy = Proxy { child, port };
        for _ in 0..500 {
            if let Ok(Some(status)) = proxy.child.try_wait() {
                let output = fs::read_to_string(self.directory.path().join("output"));
                panic!("the proxy ended with {status}: {}", output.unwrap());
            }
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return proxy;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the proxy does not listen");
    }

    pub async fn nginx(&self) -> Proxy {
        let server = self.block("nginx");
        let at = self.directory.path().display();
        let whole = format!(
            "daemon off; pid {at}/pid; error_log stderr; events {{}}\nhttp {{ access_log off;\n\
             client_body_temp_path {at}/a; proxy_temp_path {at}/b; fastcgi_temp_path {at}/c;\n\
             uwsgi_temp_path {at}/d; scgi_temp_path {at}/e;\n{server}\n}}\n"
        );
        let path = self.write("nginx.conf", &whole);
        self.start(Command::new("nginx").arg("-c").arg(path)).await
    }

    pub async fn caddy(&self) -> Proxy {
        let block = self.block("caddy");
        let path = self.write("Caddyfile", &format!("{{\n\tadmin off\n}}\n{block}\n"));
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]);
        self.start(command.arg(path)).await
    }

    pub async fn traefik(&self) -> Proxy {
        let rules = self.write("rules.yaml", &self.block("yaml"));
        let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/.tools/traefik/bin/traefik");
        let mut command = Command::new(tools);
        command
            .arg(format!("--entrypoints.web.address=:{}", self.port))
            .arg(format!("--providers.file.filename={}", rules.display()))
            .args([
                "--global.checknewversion=false",
                "--global.sendanonymoususage=false",
            ]);
        let proxy = self.start(&mut command).await;
        // It listens before it has read its rules.
        for _ in 0..200 {
            let answer = self.edge.client.get(proxy.url("/")).send().await;
            if answer.is_ok_and(|answer| answer.status() == 401) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        proxy
    }

    pub async fn haproxy(&self) -> Proxy {
        self.write("latchkey.lua", &self.block("lua"));
        let path = self.write("haproxy.cfg", &format!("{}\n", self.block("haproxy")));
        self.start(Command::new("haproxy").arg("-f").arg(path))
            .await
    }
}
