//! The real binary as a stranger runs it: started, asked, killed, started again.

mod catalogue;
mod delete;
mod faults;
mod kill;
mod leaver;
mod nodes;
mod refuses;
mod restore;
mod revoke;
mod rotate;
mod start_stop;

use diesel::Connection;
use diesel::PgConnection;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use latchkey::postgres;
use reqwest::Client;
use serde_json::Value;
use serde_json::json;

use crate::support::callers::Caller;
use crate::support::cluster::config_for_tests;
use crate::support::process::Installation;
use crate::support::process::Process;

/// An installation with one account, one service credential and one key.
struct Filled {
    installation: Installation,
    credential: String,
    key: String,
}

impl Filled {
    /// And the process that serves it.
    async fn serve() -> (Self, Process) {
        Self::serve_on(Installation::new()).await
    }

    async fn serve_on(installation: Installation) -> (Self, Process) {
        let process = installation.serve();
        installation.create_account();
        let credential = installation.line(&["service-credential", "create", "tests"], "");
        let ada = signed_in(&process).await;
        let form = ada.get("/w/default/developers/keys/new").await;
        let operation = form.attribute("main form input[name=operation]", "value");
        let fields = [
            ("name", "Production backend"),
            ("scope", "full"),
            ("expires", "90d"),
            ("operation", operation.as_str()),
        ];
        let page = ada.fill_in(&form, &fields).await;
        assert_eq!(page.status, 201, "{}", page.text);
        let key = page.one("#secret");
        (
            Self {
                installation,
                credential,
                key,
            },
            process,
        )
    }

    /// A new connection to the private cluster of the running process.
    fn database(&self) -> PgConnection {
        let config = config_for_tests(&self.installation.data_dir());
        let attached = postgres::attach(&config).unwrap().unwrap();
        PgConnection::establish(&attached.url(postgres::DATABASE)).unwrap()
    }

    /// The verify API's answer about the key; `None` if there was none.
    async fn verify(&self, client: &Client, process: &Process) -> Option<Value> {
        let url = format!("{}/v1/keys/verify", process.api());
        let asked = client
            .post(url)
            .bearer_auth(&self.credential)
            .json(&json!({"key": self.key, "method": "GET", "path": "/v1/documents"}));
        asked.send().await.ok()?.json().await.ok()
    }
}

async fn signed_in(process: &Process) -> Caller {
    let address = process
        .console()
        .trim_start_matches("http://")
        .parse()
        .unwrap();
    let ada = Caller::new(address);
    ada.sign_in("acme", "ada@acme.example").await;
    ada
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The one number that `sql` asks for.
fn number(connection: &mut PgConnection, sql: &str) -> i64 {
    let sql = format!("select ({sql})::bigint as number");
    diesel::sql_query(sql)
        .get_result::<Number>(connection)
        .unwrap()
        .number
}

/// Asks again until `holds`, for a minute.
async fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
