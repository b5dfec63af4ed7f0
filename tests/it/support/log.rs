//! Rows of a request log, as the log shipper would have written them.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::base62;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::endpoint::Method;

/// Rows that any test has made: no request has the id of another.
static SEEDED: AtomicU32 = AtomicU32::new(1);

/// Puts rows into the log of one key.
pub struct LogSeed<'a> {
    conn: &'a mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
    key: ApiKeyId,
    now: DateTime<Utc>,
}

impl<'a> LogSeed<'a> {
    pub fn new(
        conn: &'a mut PgConnection,
        (account, workspace): (AccountId, WorkspaceId),
        key: ApiKeyId,
        now: DateTime<Utc>,
    ) -> Self {
        conn.batch_execute(
            "create table if not exists request_log_rest partition of request_log default;
             insert into log_texts (kind, value, seen_on)
             values (2, 'curl/8', now()), (3, 'import', now()) on conflict do nothing;",
        )
        .unwrap();
        Self {
            conn,
            account,
            workspace,
            key,
            now,
        }
    }

    /// One allowed request, so many seconds ago; a refusal of an expired key if the status is 401.
    pub fn row(&mut self, seconds_ago: i64, endpoint: &str, status: u16, ip: &str) -> String {
        let (method, path) = endpoint.split_once(' ').unwrap();
        self.add(&LoggedCall {
            at: self.now - TimeDelta::seconds(seconds_ago),
            method: Method::parse(method).unwrap(),
            path: path.to_owned(),
            status,
            denied: (status == 401).then_some(DenyReason::Expired),
            ip: ip.to_owned(),
            credits: 2,
            duration_us: 1_500,
        })
    }

    /// Its request id.
    pub fn add(&mut self, call: &LoggedCall) -> String {
        let request = request_id(call.at, SEEDED.fetch_add(1, Ordering::Relaxed));
        let sql = format!(
            "insert into log_texts (kind, value, seen_on) values (1, '{path}', now())
             on conflict do nothing;
             insert into request_log (at, account_id, workspace_id, path_id, agent_id, name_id,
                 credits, duration_us, status, code, method, surface, generation, key_id,
                 request_id, ip)
             values ('{at}', {account}, {workspace},
                 (select id from log_texts where kind = 1 and value = '{path}'),
                 (select id from log_texts where kind = 2 and value = 'curl/8'),
                 (select id from log_texts where kind = 3 and value = 'import'),
                 {credits}, {duration}, {status}, {code}, {method}, 3, 1, '{key}', '{request}',
                 '{ip}')",
            at = call.at,
            path = call.path.replace('\'', "''"),
            credits = call.credits,
            duration = call.duration_us,
            status = call.status,
            code = call.denied.map_or(0, DenyReason::number),
            method = call.method.number(),
            ip = call.ip,
            account = self.account.0,
            workspace = self.workspace.0,
            key = self.key,
        );
        self.conn.batch_execute(&sql).unwrap();
        request
    }
}

/// All that a row of a test can differ in.
#[derive(Debug, Clone)]
pub struct LoggedCall {
    pub at: DateTime<Utc>,
    pub method: Method,
    pub path: String,
    pub status: u16,
    pub denied: Option<DenyReason>,
    pub ip: String,
    pub credits: i32,
    pub duration_us: i32,
}

/// As the edge makes them: the time, then something that tells apart what is of one millisecond.
pub fn request_id(at: DateTime<Utc>, number: u32) -> String {
    let millis = u64::try_from(at.timestamp_millis()).unwrap();
    let time = base62::encode::<8>(millis);
    format!("req_{}{number:08}", str::from_utf8(&time).unwrap())
}
