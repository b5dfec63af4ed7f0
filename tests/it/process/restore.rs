//! Yesterday's dump, really made and really restored, accepts no key that has ended since.

use std::path::PathBuf;
use std::process::Command;

use latchkey::crypto::key_secret::PlainKey;
use reqwest::Client;
use serde_json::Value;
use serde_json::json;

use crate::process::signed_in;
use crate::process::wait_until;
use crate::support::callers::Caller;
use crate::support::cluster::shared_cluster;
use crate::support::db::TestDb;
use crate::support::nodes::installation_on;
use crate::support::nodes::key;
use crate::support::process::Installation;
use crate::support::process::Process;
use crate::support::replica::bin_dir;
use crate::support::rows::number;

/// What becomes of each key after the dump.
const KEPT: usize = 0;
const REVOKED: usize = 1;
const DISABLED: usize = 2;
const ROTATED: usize = 3;
const DELETED: usize = 4;
/// Disabled before it, and enabled since: the copy has it disabled, and that is the safe side.
const ENABLED: usize = 5;

struct Scene {
    db: TestDb,
    installation: Installation,
    credential: String,
    keys: Vec<PlainKey>,
    client: Client,
    dump: PathBuf,
}

impl Scene {
    /// An installation with a dump of its database.
    async fn new() -> (Self, Process, Caller) {
        let db = TestDb::new();
        let installation = installation_on(&db.url());
        installation.create_account();
        let credential = installation.line(&["service-credential", "create", "tests"], "");
        let keys: Vec<_> = (0..6).map(|number| key(&db, number)).collect();
        let process = installation.serve();
        let dump = installation.data_dir().join("yesterday.dump");
        let scene = Self {
            db,
            installation,
            credential,
            keys,
            client: Client::new(),
            dump,
        };
        scene.change("update api_keys set disabled_at = now()", ENABLED);
        scene.until(&process, ENABLED, "DISABLED").await;
        let ada = signed_in(&process).await;
        scene.run("pg_dump", &["-Fc", "-f"]).await;
        (scene, process, ada)
    }

    async fn run(&self, tool: &str, arguments: &[&str]) {
        let tool = bin_dir(shared_cluster().data_dir()).join(tool);
        let mut command = Command::new(tool);
        command.args(arguments).arg(&self.dump);
        command.arg("-d").arg(self.db.url());
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output.await.unwrap().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
    }

    async fn restore(&self) {
        let arguments = ["--clean", "--if-exists", "--single-transaction"];
        self.run("pg_restore", &arguments).await;
    }

    fn change(&self, sql: &str, key: usize) {
        let id = self.keys[key].id();
        self.db.execute(&format!("{sql} where id = '{id}'"));
    }

    /// What a node says of the key: "valid", or why not.
    async fn said(&self, process: &Process, key: usize) -> String {
        let url = format!("{}/v1/keys/verify", process.api());
        let secret = self.keys[key].expose();
        let question = json!({"key": secret, "method": "GET", "path": "/v1/documents"});
        let asked = self.client.post(url).bearer_auth(&self.credential);
        let answer = asked.json(&question).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        match answer["valid"].as_bool() {
            Some(true) => "valid".to_owned(),
            _ => answer["code"].as_str().unwrap().to_owned(),
        }
    }

    async fn until(&self, process: &Process, key: usize, said: &str) {
        let mut told = String::new();
        for _ in 0..600 {
            told = self.said(process, key).await;
            if told == said {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("key {key} is {told} and never {said}");
    }

    /// What happens after the dump was made.
    async fn a_day_passes(&self, process: &Process) {
        self.change("update api_keys set revoked_at = now()", REVOKED);
        self.change("update api_keys set disabled_at = now()", DISABLED);
        self.change("update api_keys set disabled_at = null", ENABLED);
        let id = self.keys[ROTATED].id();
        self.db.execute(&format!(
            "update key_secrets set retires_at = now() where key_id = '{id}';
             insert into key_secrets (account_id, key_id, generation, digest, pepper_version,
                                      last_four, created_at)
             select account_id, key_id, 2, sha256(digest), 1, 'abcd', now() from key_secrets
              where key_id = '{id}'"
        ));
        self.change("delete from api_keys", DELETED);
        let all = [
            (KEPT, "valid"),
            (REVOKED, "REVOKED"),
            (DISABLED, "DISABLED"),
            (ROTATED, "REVOKED"),
            (DELETED, "NOT_FOUND"),
            (ENABLED, "valid"),
        ];
        for (key, said) in all {
            self.until(process, key, said).await;
        }
        // And a change that is no key's end.
        self.db.execute("update users set name = 'Ada Lovelace'");
        let known =
            "((select min(applied_seq) from nodes) >= (select max(seq) from key_changes))::int";
        wait_until("the node knows", || number(&self.db, known) == 1).await;
    }

    async fn nothing_is_back(&self, process: &Process) {
        self.until(process, KEPT, "valid").await;
        let all = [
            (KEPT, "valid"),
            (REVOKED, "REVOKED"),
            (DISABLED, "DISABLED"),
            (ROTATED, "DISABLED"),
            (DELETED, "REVOKED"),
            (ENABLED, "DISABLED"),
        ];
        for (key, said) in all {
            assert_eq!(self.said(process, key).await, said, "key {key}");
        }
        for (action, times) in [
            ("key.revoked", 2),
            ("key.disabled", 2),
            ("restore.mended", 1),
        ] {
            let noted = format!(
                "select count(*) from audit_log where action = '{action}'
                    and actor_label = 'restore check'"
            );
            assert_eq!(number(&self.db, &noted), times, "{action}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_starts_on_a_restored_dump_ends_again_what_had_ended() {
    let (scene, process, ada) = Scene::new().await;
    scene.a_day_passes(&process).await;
    assert!(process.stop().success());
    scene.restore().await;

    // Somebody who knows nothing of what has passed takes them all: this is what the file is for.
    let mut stranger = installation_on(&scene.db.url());
    stranger.set("LATCHKEY_NODE_NAME", "stranger");
    let process = stranger.serve();
    for key in [REVOKED, DISABLED, ROTATED, DELETED] {
        assert_eq!(scene.said(&process, key).await, "valid");
    }
    assert!(process.stop().success());

    let process = scene.installation.serve();
    scene.nothing_is_back(&process).await;
    let sessions = "select count(*) from sessions";
    assert_eq!(number(&scene.db, sessions), 0);
    let page = ada.at(process.console()).get("/w/default/").await;
    assert_eq!(page.status, 303, "whoever was signed in is not");
    assert!(page.location().starts_with("/sign-in"));

    // Once is enough, and what people decide from now on is theirs.
    signed_in(&process).await;
    assert!(process.stop().success());
    scene.change("update api_keys set disabled_at = null", DISABLED);
    let process = scene.installation.serve();
    assert_eq!(scene.said(&process, DISABLED).await, "valid");
    assert_eq!(scene.said(&process, REVOKED).await, "REVOKED");
    assert_eq!(number(&scene.db, sessions), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_under_which_a_dump_is_restored_ends_again_what_had_ended() {
    let (scene, process, _) = Scene::new().await;
    scene.a_day_passes(&process).await;
    let calls = async {
        let mut taken = Vec::new();
        for _ in 0..200 {
            for key in [REVOKED, DISABLED, ROTATED, DELETED] {
                taken.push(scene.said(&process, key).await);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        taken
    };
    let (taken, ()) = tokio::join!(calls, scene.restore());
    assert!(taken.iter().all(|said| said != "valid"), "{taken:?}");
    scene.nothing_is_back(&process).await;
}
