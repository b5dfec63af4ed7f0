//! Rows of a request log, as the log shipper would have written them.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::api_key::ApiKeyId;
use latchkey::domain::decision::DenyReason;
use latchkey::domain::endpoint::Method;

/// Puts rows into the log of one key.
pub struct LogSeed<'a> {
    conn: &'a mut PgConnection,
    account: AccountId,
    workspace: WorkspaceId,
    key: ApiKeyId,
    now: DateTime<Utc>,
    rows: u32,
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
            rows: 0,
        }
    }

    /// One allowed request, so many seconds ago; a refusal of an expired key if the status is 401.
    pub fn row(&mut self, seconds_ago: i64, endpoint: &str, status: u16, ip: &str) {
        let (method, path) = endpoint.split_once(' ').unwrap();
        let method = Method::parse(method).unwrap().number();
        let code = if status == 401 {
            DenyReason::Expired.number()
        } else {
            0
        };
        let at = self.now - TimeDelta::seconds(seconds_ago);
        self.rows += 1;
        let request = format!("req_{:08}{:08}", seconds_ago, self.rows);
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
                 2, 1500, {status}, {code}, {method}, 3, 1, '{key}', '{request}', '{ip}')",
            account = self.account.0,
            workspace = self.workspace.0,
            key = self.key,
        );
        self.conn.batch_execute(&sql).unwrap();
    }
}
