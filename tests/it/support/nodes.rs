//! Three nodes, processes of the real binary, on one PostgreSQL, each on a line of its own.

use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use latchkey::crypto::digest::Pepper;
use latchkey::crypto::key_secret::PlainKey;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::random::OsRandom;
use reqwest::Client;
use reqwest::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::support::callers::Caller;
use crate::support::cluster::shared_cluster;
use crate::support::db::TestDb;
use crate::support::process::Installation;
use crate::support::process::Process;
use crate::support::proxy::Proxy;

pub const NAMES: [&str; 3] = ["a", "b", "c"];
/// How long a node may decide on old news, as it is by default.
pub const LEASE: Duration = Duration::from_secs(2);

const PEPPER: &str = "a pepper of the tests, long enough";
const KEYS: &str = "/w/default/developers/keys";

pub struct Node {
    pub line: Proxy,
    pub process: Process,
    _installation: Installation,
}

pub struct Nodes {
    pub all: Vec<Node>,
    pub keys: Vec<PlainKey>,
    credential: String,
    client: Client,
    owner: Caller,
    csrf: String,
    // The last to go.
    pub db: TestDb,
}

/// What a node said about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Valid,
    Refused,
    /// 503: it cannot decide.
    Unavailable,
}

impl Nodes {
    /// With so many keys of one account, known to all of them.
    pub async fn start(keys: usize) -> Self {
        let db = TestDb::new();
        let mut lines = Vec::new();
        for _ in NAMES {
            lines.push(Proxy::start(&socket()).await);
        }
        let installations: Vec<_> = lines
            .iter()
            .zip(NAMES)
            .map(|(line, name)| installation(&db, line, name))
            .collect();
        installations[0].create_account();
        let credential = installations[0].line(&["service-credential", "create", "tests"], "");
        let keys: Vec<_> = (0..keys).map(|number| key(&db, number)).collect();
        let all: Vec<Node> = lines
            .into_iter()
            .zip(installations)
            .map(|(line, installation)| Node {
                line,
                process: installation.serve(),
                _installation: installation,
            })
            .collect();
        let console = all[0].process.console().trim_start_matches("http://");
        let owner = Caller::new(console.parse().unwrap());
        owner.sign_in("acme", "ada@acme.example").await;
        let csrf = owner.get(KEYS).await.attribute("[name=csrf]", "value");
        let nodes = Self {
            all,
            keys,
            credential,
            client: Client::new(),
            owner,
            csrf,
            db,
        };
        for node in &nodes.all {
            wait_until("it listens", || node.line.has_listener()).await;
        }
        nodes
    }

    pub fn credential(&self) -> &str {
        &self.credential
    }

    pub async fn verify(&self, node: usize, key: usize) -> Said {
        let url = format!("{}/v1/keys/verify", self.all[node].process.api());
        let question = json!({
            "key": self.keys[key].expose(), "method": "GET", "path": "/v1/documents",
        });
        let asked = self.client.post(url).bearer_auth(&self.credential);
        let answer = asked.json(&question).send().await.unwrap();
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            return Said::Unavailable;
        }
        let answer: Value = answer.json().await.unwrap();
        match answer["valid"].as_bool() {
            Some(true) => Said::Valid,
            Some(false) => Said::Refused,
            None => panic!("{answer}"),
        }
    }

    /// Revokes a key on the page of the first node; how long the page took.
    pub async fn revoke(&self, key: usize) -> Duration {
        let key = &self.keys[key];
        let path = format!("{KEYS}/{}/revoke", key.id());
        let last_four = key.last_four();
        let fields = [
            ("csrf", self.csrf.as_str()),
            ("confirm", last_four.as_str()),
        ];
        let began = Instant::now();
        let page = self.owner.post(&path, &fields).await;
        let took = began.elapsed();
        assert_eq!(page.status, 303, "{}", page.text);
        took
    }

    /// What the page after a revoke says.
    pub async fn flash(&self) -> String {
        self.owner.get(KEYS).await.one(".flash")
    }
}

fn installation(db: &TestDb, line: &Proxy, name: &str) -> Installation {
    let url = db.url();
    let (start, path) = url.split_once("://").unwrap();
    let user = path.split_once('@').map_or("latchkey", |(user, _)| user);
    let url = format!("{start}://{user}@{}/{}", line.address, db.name());
    let mut installation = installation_on(&url);
    installation.set("LATCHKEY_NODE_NAME", name);
    installation
}

/// On a PostgreSQL that is not its own.
pub fn installation_on(url: &str) -> Installation {
    let mut installation = Installation::new();
    installation.set("DATABASE_URL", url);
    installation.set("LATCHKEY_PEPPER", PEPPER);
    installation.set(
        "LATCHKEY_SECRET_KEY",
        "a secret key of the tests, long enough",
    );
    installation.set("LATCHKEY_LOG", "warn");
    installation
}

/// Where the tests' one server listens.
fn socket() -> PathBuf {
    let folder = shared_cluster().data_dir();
    let find = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).ok()?;
        let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        paths.find(|path| path.file_name().is_some_and(|name| name == ".s.PGSQL.5432"))
    };
    let below = std::fs::read_dir(folder).unwrap();
    let mut folders = below.filter_map(|entry| Some(entry.ok()?.path()));
    find(folder.to_owned())
        .or_else(|| folders.find_map(find))
        .unwrap()
}

/// A key straight into the database.
pub fn key(db: &TestDb, number: usize) -> PlainKey {
    let id = ApiKeyId::generate(&OsRandom).unwrap();
    let key = PlainKey::generate(&KeyPrefix::default(), id, &OsRandom).unwrap();
    let digest = Pepper::new(PEPPER.as_bytes()).unwrap().digest(key.expose());
    let halves = digest
        .as_bytes()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15]);
    let digest: String = halves
        .filter_map(|half| char::from_digit(half.into(), 16))
        .collect();
    let last_four = key.last_four();
    db.execute(&format!(
        "insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
                               preset_version, created_by, created_at, operation)
         select w.account_id, '{id}', w.id, 'key {number}', 'key {number}', '', 'full', 1, u.id,
                now(), gen_random_uuid()
           from workspaces w, users u;
         insert into key_secrets (account_id, key_id, generation, digest, pepper_version,
                                  last_four, created_at)
         select id, '{id}', 1, decode('{digest}', 'hex'), 1, '{last_four}', now() from accounts;"
    ));
    key
}

/// Looks again until `holds`, for half a minute.
pub async fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
