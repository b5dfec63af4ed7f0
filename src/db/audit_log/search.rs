//! Rows of the audit log by what they are about, newest first, at a cost that does not grow with
//! the log.
//!
//! Rows are walked along one index: that of the target, the person or the action that is asked for,
//! in this order, else that of the whole log. What else is asked for is judged row by row. A walk
//! ends after `SCANNED_MAX` rows, and then says how far it came.

mod scan;

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sql_types::Inet;
use diesel::sql_types::Jsonb;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;
use ipnet::IpNet;
use serde_json::Value;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::audit_log::search::scan::scan;
use crate::db::audit_log::search::scan::whose;
use crate::db::binds::Bind;
use crate::db::binds::Binds;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;

/// Whose log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditOf {
    /// Of the whole installation.
    Everything,
    /// What belongs to no account.
    Operator,
    Account(AccountId),
    Workspace(AccountId, WorkspaceId),
}

#[derive(Debug, Clone)]
pub struct AuditQuery {
    pub of: AuditOf,
    /// As the rows name who did it.
    pub actor: Option<String>,
    /// Codes; none for all.
    pub actions: Vec<&'static str>,
    /// Its id.
    pub target: Option<String>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub before: Option<AuditCursor>,
    pub limit: u16,
}

/// A row that a list goes on after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCursor {
    pub at: DateTime<Utc>,
    pub id: Uuid,
}

#[derive(Debug, Clone, QueryableByName)]
pub struct AuditFound {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub account_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub account: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub workspace_slug: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub workspace: Option<String>,
    #[diesel(sql_type = Text)]
    pub actor_kind: String,
    #[diesel(sql_type = Text)]
    pub actor_id: String,
    #[diesel(sql_type = Text)]
    pub actor: String,
    #[diesel(sql_type = Text)]
    pub action: String,
    #[diesel(sql_type = Text)]
    pub target_kind: String,
    #[diesel(sql_type = Text)]
    pub target_id: String,
    #[diesel(sql_type = Text)]
    pub target: String,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub before: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub after: Option<Value>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Nullable<Inet>)]
    pub ip: Option<IpNet>,
    #[diesel(sql_type = Nullable<Text>)]
    pub request_id: Option<String>,
    /// What was erased of it: who did it, to what, the facts.
    #[diesel(sql_type = Bool)]
    pub actor_erased: bool,
    #[diesel(sql_type = Bool)]
    pub target_erased: bool,
    #[diesel(sql_type = Bool)]
    pub facts_erased: bool,
}

#[derive(Debug, Default)]
pub struct AuditPage {
    pub rows: Vec<AuditFound>,
    /// Where older rows begin, if there are any.
    pub older: Option<AuditCursor>,
    /// Whether the search stopped there, before it had enough rows.
    pub stopped: bool,
}

const COLUMNS: &str = "e.public_id as id, e.at, a.public_id as account_id, a.name as account,
    w.slug as workspace_slug, w.name as workspace, e.actor_kind, e.actor_id,
    e.actor_label as actor, e.action,
    e.target_kind, e.target_id, e.target_label as target, e.before, e.after, e.reason, e.ip,
    e.request_id, e.actor_digest is not null as actor_erased,
    e.target_digest is not null as target_erased, e.facts_digest is not null as facts_erased";
const PLACES: &str = "left join accounts a on a.id = e.account_id
    left join workspaces w on w.account_id = e.account_id and w.id = e.workspace_id";

pub fn search(conn: &mut PgConnection, query: &AuditQuery) -> Result<AuditPage, DbError> {
    let mut binds = Binds::default();
    let (scan, judged) = scan(query, &mut binds);
    let limit = binds.place(Bind::Long(i64::from(query.limit) + 1));
    let sql = format!(
        "{scan}, found as (
             select e.id from scanned e
              where {judged} and not exists
                  (select from edge where (edge.at, edge.id) > (e.at, e.id))
              order by e.at desc, e.id desc limit {limit}
         )
         select {COLUMNS} from found join audit_log e on e.id = found.id {PLACES}
          order by e.at desc, e.id desc"
    );
    let mut rows: Vec<AuditFound> = binds.query(sql).load(conn)?;
    if rows.len() > usize::from(query.limit) {
        rows.truncate(query.limit.into());
        let older = rows.last().map(|row| AuditCursor {
            at: row.at,
            id: row.id,
        });
        return Ok(AuditPage {
            rows,
            older,
            stopped: false,
        });
    }
    let older = edge(conn, query)?;
    Ok(AuditPage {
        rows,
        older,
        stopped: older.is_some(),
    })
}

/// One row, if it is of that log.
pub fn entry(
    conn: &mut PgConnection,
    of: AuditOf,
    id: Uuid,
) -> Result<Option<AuditFound>, DbError> {
    let mut binds = Binds::default();
    let (account, workspace) = whose(of, &mut binds);
    let workspace = workspace.unwrap_or_else(|| "true".to_owned());
    let id = binds.place(Bind::Text(id.to_string()));
    let sql = format!(
        "select {COLUMNS} from audit_log e {PLACES} where {account} and {workspace} and e.public_id = {id}::uuid"
    );
    Ok(binds.query(sql).get_result(conn).optional()?)
}

/// How far a walk came that did not come to its end.
fn edge(conn: &mut PgConnection, query: &AuditQuery) -> Result<Option<AuditCursor>, DbError> {
    #[derive(QueryableByName)]
    struct Edge {
        #[diesel(sql_type = Timestamptz)]
        at: DateTime<Utc>,
        #[diesel(sql_type = SqlUuid)]
        public_id: Uuid,
    }
    let mut binds = Binds::default();
    let (scan, _) = scan(query, &mut binds);
    let edge: Option<Edge> = binds
        .query(format!(
            "{scan} select edge.at, e.public_id from edge join audit_log e on e.id = edge.id"
        ))
        .get_result(conn)
        .optional()?;
    Ok(edge.map(|Edge { at, public_id }| AuditCursor { at, id: public_id }))
}
